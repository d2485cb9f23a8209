-- cd_start: a visitor opens a conversation, or finds the one that is open, or
-- goes on with one that has ended.
--
-- key     u:<visitor>
-- takes   visitor, conversation, session, node, at, body of the `start`
--         entry, flow
-- gives   ok, conversation, `new`, `old` or `again`
-- refuses bad_request, no_desk, busy (the log is full), conflict (the
--         drawn id is taken)
--
-- Either way the session is put among the connected; for an old
-- conversation by an `online` entry, for another one by the `start` entry.
-- Whether an ended one goes on was decided when it ended: it then names the
-- flow by which it does, in field `r`.  The entry also says what the visitor
-- has answered in earlier forms.

local function start_old(prefix, conv, who)
  enter(prefix, who.session, who.node, 'v', who.visitor)
  append(prefix, T.ONLINE, 0, who.at, {
    [F.WHO] = who.visitor, [F.ROLE] = ROLE.v, [F.SESSION] = who.session,
    [F.NODE] = who.node, [F.CONV] = conv
  })

  return { OK, conv, 'old' }
end


-- The agents who were in a conversation, separated by commas.
local function start_members(prefix, conv)
  local fields = redis.call('HGETALL', prefix .. K.CONV .. conv)
  local members = {}

  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 2) == 'm:' and fields[i + 1] == 'a' then
      members[#members + 1] = string.sub(fields[i], 3)
    end
  end

  return table.concat(members, ',')
end


-- The body with the conversation's id and what is known of the visitor.
local function start_body(prefix, conv, who, body, members)
  local known = redis.call('HGET', prefix .. K.FORM .. who.visitor, 'a')
  local good, fields = pcall(cmsgpack.unpack, body)

  if not good or type(fields) ~= 'table' then
    return nil
  end

  fields[F.CONV] = conv
  fields[F.ANSWERS] = known or nil
  fields[F.MEMBERS] = members

  return cmsgpack.pack(fields)
end


local function start_entry(prefix, who, body)
  enter(prefix, who.session, who.node, 'v', who.visitor)
  redis.call('XADD', prefix .. K.LOG, '*', 'e',
             envelope(T.START, 0, 0, who.at, body))
end


-- The ended conversation that goes on by this flow; nil for none.
local function start_ended(prefix, key, flow)
  local conv = redis.call('GET', key)
  local ended = conv and redis.call('HMGET', prefix .. K.CONV .. conv,
                                    's', 'r')

  if ended and ended[1] == '0' and ended[2] == flow then
    return conv
  end

  return nil
end


local function start_again(prefix, conv, who, body)
  body = start_body(prefix, conv, who, body, start_members(prefix, conv))

  if not body then
    return { E.BAD_REQUEST }
  end

  conv_reopen(prefix, conv)
  redis.call('SET', prefix .. K.VISITOR .. who.visitor, conv)
  start_entry(prefix, who, body)

  return { OK, conv, 'again' }
end


local function start_new(prefix, conv, who, body)
  local call = redis.call
  local key = prefix .. K.CONV .. conv

  body = start_body(prefix, conv, who, body)

  if not body then
    return { E.BAD_REQUEST }
  end

  if call('EXISTS', key) == 1 then
    return { E.CONFLICT }
  end

  call('HSET', key, 's', '1', 'v', '0', 'd', '0', 't', '0',
       'm:' .. who.visitor, 'v')
  call('SET', prefix .. K.VISITOR .. who.visitor, conv)
  start_entry(prefix, who, body)

  return { OK, conv, 'new' }
end


local function cd_start(keys, args)
  local who = { visitor = args[1], session = args[3], node = args[4],
                at = time_of(args[5]) }
  local conv, body = args[2], args[6]
  local prefix = prefix_before(keys[1], K.VISITOR .. who.visitor)

  if not prefix or not who.at or not body or body == ''
     or #body > L.BUS_FRAME
  then
    return { E.BAD_REQUEST }
  end

  if not era_of(prefix) then
    return { E.NO_DESK }
  end

  local old = open_conv(prefix, keys[1])

  if old then
    return start_old(prefix, old, who)
  end

  if redis.call('XLEN', prefix .. K.LOG) >= L.LOG then
    return { E.BUSY }
  end

  local ended = start_ended(prefix, keys[1], args[7] or '')

  if ended then
    return start_again(prefix, ended, who, body)
  end

  return start_new(prefix, conv, who, body)
end

redis.register_function('cd_start', cd_start)
