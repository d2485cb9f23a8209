-- cd_post: a member sends a message.
--
-- key     c:<conversation>
-- takes   conversation, person, `v` or `a`, device, k, digest (8 bytes),
--         at, private (0, 1), body of the `message`; of a menu or a pick
--         also its choices, the menu's id that it picks from, its text
-- gives   ok, n (on the sender's side), v, at
-- refuses bad_request (an option that is not offered: with `text`), no_desk,
--         not_found (also the menu), closed, forbidden, conflict, gap (with
--         the expected counter), settled, too_many, too_long
--
-- This is the hot path: a public message takes one HMGET, one HSET, two
-- RPUSH, one XADD and two PUBLISH.  No body is decoded.
--
-- One who watches (membership `o`) writes as an agent does, but nothing that
-- the visitor would see.
--
-- What a device sent is remembered in blocks of POST_BLOCK records: the
-- newest block stands with the counter in k:<person>:<device>, the
-- POST_BLOCKS full ones before it in o:<person>:<device>:<block modulo
-- POST_BLOCKS>.  So a message rewrites a quarter of the memory at most.

local POST_RECORD = 24
local POST_FORMAT = '>c8I4I4I8'       -- digest, n (desk side), v, at
local POST_MEMORY = '>I4c0c8I4I4I8'   -- counter, records, one record more
local POST_BLOCKS = 4
local POST_BLOCK = L.DEDUPE / POST_BLOCKS

-- Menus that can be picked from: q:<message id> has the options, a line
-- each, or MENU_SETTLED; `q` has the ids of the newest L.MENUS, a space
-- behind each.
local MENU = 'q:'
local MENUS = 'q'
local MENU_SETTLED = '-\n'


-- The field of a full block.
local function post_older(post, slot)
  return 'o:' .. post.person .. ':' .. post.device .. ':' .. slot
end


-- The record of an earlier counter, nil when it is no longer remembered.
local function post_record(post, k, last)
  local block = math.floor((k - 1) / POST_BLOCK)
  local records

  if last - k >= L.DEDUPE then
    return nil
  end

  if block == math.floor((last - 1) / POST_BLOCK) then
    records = string.sub(post.memory, 5)
  else
    records = redis.call('HGET', post.key,
                         post_older(post, block % POST_BLOCKS))
  end

  local offset = (k - 1) % POST_BLOCK * POST_RECORD

  if not records or #records < offset + POST_RECORD then
    return nil
  end

  return string.sub(records, offset + 1, offset + POST_RECORD)
end


-- Publishes a stored frame again, as long as its window has it.
local function post_publish_again(list, n)
  local frames = redis.call('LRANGE', list, 0, -1)

  for i = #frames, 1, -1 do
    if head_n(frames[i]) == n then
      redis.call('PUBLISH', list, frames[i])
      return
    end
  end
end


-- A counter that was used: the first answer once more.
local function post_again(post, k, last, digest)
  local record = post_record(post, k, last)

  if not record or string.sub(record, 1, 8) ~= digest then
    return { E.CONFLICT }
  end

  local _, d, v, at = struct.unpack(POST_FORMAT, record)

  if v > 0 then
    post_publish_again(post.prefix .. K.SIDE_V .. post.conv, v)
  end

  post_publish_again(post.prefix .. K.SIDE_D .. post.conv, d)

  return { OK, post.role == 'v' and v or d, v, at }
end


-- Writes heads, time, counter and record; for a device's first message
-- also the count of devices.
local function post_remember(post, k, digest, d, v, at, at_text)
  local records = post.memory and string.sub(post.memory, 5) or ''
  local full = records

  if (k - 1) % POST_BLOCK == 0 then
    records = ''
  end

  local memory = struct.pack(POST_MEMORY, k, records, digest, d, v, at)
  local v_now = v > 0 and v or post.v

  if k == 1 then
    redis.call('HSET', post.key, 'v', v_now, 'd', d, 't', at_text,
               post.field, memory, 'kn:' .. post.person, post.devices + 1)

  elseif records == '' then
    redis.call('HSET', post.key, 'v', v_now, 'd', d, 't', at_text,
               post.field, memory,
               post_older(post, ((k - 1) / POST_BLOCK - 1) % POST_BLOCKS),
               full)
  else
    redis.call('HSET', post.key, 'v', v_now, 'd', d, 't', at_text,
               post.field, memory)
  end
end


-- A menu or a pick that makes no sense or comes from the wrong side.
local function post_choices_refuse(post)
  if (post.choices ~= '' and post.role ~= 'a')
     or (post.picks ~= '' and post.role ~= 'v')
  then
    return { E.FORBIDDEN }
  end

  if post.choices ~= '' and (post.private or post.picks ~= '') then
    return { E.BAD_REQUEST }
  end

  return nil
end


-- Whether the message may pick its text from the menu that it names.
local function post_pick_refuse(post)
  local menu = redis.call('HGET', post.key, MENU .. post.picks)

  if not menu then
    return { E.NOT_FOUND }
  end

  if menu == MENU_SETTLED then
    return { E.SETTLED }
  end

  if string.find(post.text, '\n', 1, true)
     or not string.find('\n' .. menu .. '\n', '\n' .. post.text .. '\n', 1,
                        true)
  then
    return { E.BAD_REQUEST, 'text' }
  end

  return nil
end


-- Settles the menu that was picked from; opens one that is offered, and
-- forgets the oldest when there are too many.
local function post_menu(post, k)
  if post.picks ~= '' then
    redis.call('HSET', post.key, MENU .. post.picks, MENU_SETTLED)
    return
  end

  local mid = post.device .. '.' .. digits(k)
  local mids = redis.call('HGET', post.key, MENUS) or ''
  local _, count = string.gsub(mids, ' ', '')

  mids = mids .. mid .. ' '

  if count >= L.MENUS then
    local oldest, rest = string.match(mids, '^(%S+) (.*)$')

    redis.call('HDEL', post.key, MENU .. oldest)
    mids = rest
  end

  redis.call('HSET', post.key, MENUS, mids, MENU .. mid, post.choices)
end


-- Numbers, stores and publishes; everything has been checked.
local function post_store(post, k, digest, at_text, body)
  local call = redis.call
  local at, d, v = tonumber(at_text), post.d + 1, 0

  if at < post.at then
    at, at_text = post.at, post.at_text
  end

  if not post.private then
    v = post.v + 1
  end

  local desk = post.prefix .. K.SIDE_D .. post.conv
  local desk_frame = envelope(T.MESSAGE, d, v, at, body)
  local visitor = post.prefix .. K.SIDE_V .. post.conv
  local visitor_frame

  post_remember(post, k, digest, d, v, at, at_text)

  if post.choices ~= '' or post.picks ~= '' then
    post_menu(post, k)
  end

  if v > 0 then
    visitor_frame = envelope(T.MESSAGE, v, v, at, body)
    window_push(post.key, visitor, visitor_frame)
  end

  window_push(post.key, desk, desk_frame)
  call('XADD', post.prefix .. K.LOG, '*', 'e', desk_frame)

  if v > 0 then
    call('PUBLISH', visitor, visitor_frame)
  end

  call('PUBLISH', desk, desk_frame)

  return { OK, post.role == 'v' and v or d, v, at }
end


-- Whether the next message of this device may be stored; nil when it may.
local function post_refuse(post, k, last, open, body)
  if open ~= '1' then
    return { E.CLOSED }
  end

  if post.private and post.role ~= 'a'
     or not post.private and post.observer
  then
    return { E.FORBIDDEN }
  end

  local refused = post_choices_refuse(post)

  if refused then
    return refused
  end

  if k ~= last + 1 then
    return { E.GAP, last + 1 }
  end

  if #body > L.BUS_FRAME then
    return { E.TOO_LONG }
  end

  if k == 1 then
    post.devices = tonumber(redis.call('HGET', post.key,
                                       'kn:' .. post.person) or 0)
    if post.devices >= L.DEVICES then
      return { E.TOO_MANY }
    end
  end

  return post.picks ~= '' and post_pick_refuse(post) or nil
end


local function cd_post(keys, args)
  local key, conv, person, role = keys[1], args[1], args[2], args[3]
  local k, digest, body = whole(args[5], UINT_MAX), args[6], args[9]

  if not k or k < 1 or #digest ~= 8 or not time_of(args[7]) or not body
     or body == '' or not string.find(key, conv, -#conv, true)
  then
    return { E.BAD_REQUEST }
  end

  local prefix = string.sub(key, 1, -#conv - #K.CONV - 1)
  local field = 'k:' .. person .. ':' .. args[4]
  local state = redis.call('HMGET', key, 's', 'v', 'd', 't',
                           'm:' .. person, field)

  local observer = role == 'a' and state[5] == 'o'

  if not state[1] or state[5] ~= role and not observer then
    return { era_of(prefix) and E.NOT_FOUND or E.NO_DESK }
  end

  local post = {
    key = key, prefix = prefix, conv = conv, person = person, role = role,
    device = args[4], field = field, memory = state[6],
    v = tonumber(state[2]), d = tonumber(state[3]),
    at = tonumber(state[4]), at_text = state[4],
    private = args[8] == '1', observer = observer,
    choices = args[10] or '', picks = args[11] or '', text = args[12] or ''
  }
  local last = state[6] and struct.unpack('>I4', state[6]) or 0

  if k <= last then
    return post_again(post, k, last, digest)
  end

  return post_refuse(post, k, last, state[1], body)
         or post_store(post, k, digest, args[7], body)
end

redis.register_function('cd_post', cd_post)
