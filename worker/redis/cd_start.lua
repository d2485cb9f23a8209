-- cd_start: a visitor opens a conversation, or finds the one that is open.
--
-- key     u:<visitor>
-- takes   visitor, conversation, session, node, at, body of the `start`
--         entry
-- gives   ok, conversation, `new` or `old`
-- refuses bad_request, no_desk, busy (the log is full), conflict (the
--         drawn id is taken)
--
-- Either way the session is put among the connected; for an old
-- conversation by an `online` entry, for a new one by the `start` entry.

local function start_old(prefix, conv, who)
  enter(prefix, who.session, who.node, 'v', who.visitor)
  append(prefix, T.ONLINE, 0, who.at, {
    [F.WHO] = who.visitor, [F.ROLE] = ROLE.v, [F.SESSION] = who.session,
    [F.NODE] = who.node, [F.CONV] = conv
  })

  return { OK, conv, 'old' }
end


local function start_new(prefix, conv, who, body)
  local call = redis.call
  local key = prefix .. K.CONV .. conv

  if call('EXISTS', key) == 1 then
    return { E.CONFLICT }
  end

  call('HSET', key, 's', '1', 'v', '0', 'd', '0', 't', '0',
       'm:' .. who.visitor, 'v')
  call('SET', prefix .. K.VISITOR .. who.visitor, conv)
  enter(prefix, who.session, who.node, 'v', who.visitor)
  call('XADD', prefix .. K.LOG, '*', 'e',
       envelope(T.START, 0, 0, who.at, body))

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

  return start_new(prefix, conv, who, body)
end

redis.register_function('cd_start', cd_start)
