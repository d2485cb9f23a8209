-- cd_post: a member sends a message.
--
-- key     c:<conversation>
-- takes   conversation, person, `v` or `a`, device, k, digest (8 bytes),
--         at, private (0, 1), body of the `message`; of a menu or a pick
--         also its choices, the menu's id that it picks from, its text, and
--         `1` from a client that shows no menus
-- gives   ok, n (on the sender's side), v, at
-- refuses bad_request (an option that is not offered: with `text`), no_desk,
--         not_found (also the menu), closed, forbidden, conflict, gap (with
--         the expected counter), settled, too_many, too_long
--
-- This is the hot path: a public message takes one HMGET, one HSET, two
-- RPUSH, one XADD and two PUBLISH.  No body is decoded, but that of an answer
-- to an open menu where no menus are shown (menu.lua).  It
-- is also the costliest thing that Redis does for a desk, so it makes few
-- strings: Lua hashes every byte of each.
--
-- One who watches (membership `o`) writes as an agent does, but nothing that
-- the visitor would see.
--
-- What a device sent is remembered in blocks of POST_BLOCK records: the
-- newest block stands in k:<person>:<device>, the POST_BLOCKS full ones
-- before it in o:<person>:<device>:<block modulo POST_BLOCKS>.  A record ends
-- with its counter, so the newest counter is at the end of the newest block.

local POST_RECORD = 28                -- digest, n (desk side), v, at, counter
local POST_BLOCKS = 8
local POST_BLOCK = L.DEDUPE / POST_BLOCKS
local POST_HEAD               -- of envelopes; made by the first call


-- The field of a full block.
local function post_older(args, slot)
  return 'o:' .. args[2] .. ':' .. args[4] .. ':' .. slot
end


-- The record of an earlier counter, nil when it is no longer remembered.
local function post_record(key, args, k, last, memory)
  local block = math.floor((k - 1) / POST_BLOCK)

  if last - k >= L.DEDUPE then
    return nil
  end

  if block ~= math.floor((last - 1) / POST_BLOCK) then
    memory = redis.call('HGET', key, post_older(args, block % POST_BLOCKS))
  end

  local offset = (k - 1) % POST_BLOCK * POST_RECORD

  if not memory or #memory < offset + POST_RECORD then
    return nil
  end

  return string.sub(memory, offset + 1, offset + POST_RECORD)
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
local function post_again(key, prefix, args, k, last, memory)
  local record = post_record(key, args, k, last, memory)

  if not record or string.sub(record, 1, 8) ~= args[6] then
    return { E.CONFLICT }
  end

  local d, v, at = struct.unpack('>I4I4I8', record, 9)

  if v > 0 then
    post_publish_again(prefix .. K.SIDE_V .. args[1], v)
  end

  post_publish_again(prefix .. K.SIDE_D .. args[1], d)

  return { OK, args[3] == 'v' and v or d, v, at }
end


-- Writes heads, time and record where a block begins; for a device's first
-- message also the count of devices.
local function post_begin_block(key, args, k, heads, full, record)
  local field = 'k:' .. args[2] .. ':' .. args[4]

  if k == 1 then
    redis.call('HSET', key, 'v', heads.v, 'd', heads.d, 't', heads.t, field,
               record, 'kn:' .. args[2], heads.devices + 1)
  else
    redis.call('HSET', key, 'v', heads.v, 'd', heads.d, 't', heads.t, field,
               record,
               post_older(args, ((k - 1) / POST_BLOCK - 1) % POST_BLOCKS),
               full)
  end
end


-- Numbers, stores and publishes; everything has been checked.
local function post_store(key, prefix, args, state, field, k, at, devices)
  local call, pack, sub = redis.call, struct.pack, string.sub
  local d, v, t, body = state[3] + 1, 0, args[7], args[9]
  local memory = state[6]

  POST_HEAD = POST_HEAD or string.char(0x95, T.MESSAGE, 0xce)

  if at < tonumber(state[4]) then
    t = state[4]
    at = tonumber(t)
  end

  if args[8] ~= '1' then
    v = state[2] + 1
  end

  -- the head of the desk's envelope behind its type, and the record
  local d4, rest = pack('>I4', d), pack('>BI4BI8', 0xce, v, 0xcf, at)
  local v4 = sub(rest, 2, 5)
  local record = args[6] .. d4 .. v4 .. sub(rest, 7) .. pack('>I4', k)

  if (k - 1) % POST_BLOCK == 0 then
    post_begin_block(key, args, k, { v = v > 0 and v or state[2], d = d,
                     t = t, devices = devices }, memory, record)

  elseif v > 0 then
    call('HSET', key, 'v', v, 'd', d, 't', t, field, memory .. record)

  else
    call('HSET', key, 'd', d, 't', t, field, memory .. record)
  end

  if args[10] then
    menu_note(key, args, k)
  end

  local conv, visitor, visitor_frame = args[1], nil, nil

  if v > 0 then
    visitor = prefix .. K.SIDE_V .. conv
    visitor_frame = POST_HEAD .. v4 .. rest .. body
    window_push(key, visitor, visitor_frame)
  end

  local desk, desk_frame = prefix .. K.SIDE_D .. conv,
                           POST_HEAD .. d4 .. rest .. body

  window_push(key, desk, desk_frame)
  call('XADD', prefix .. K.LOG, '*', 'e', desk_frame)

  if v > 0 then
    call('PUBLISH', visitor, visitor_frame)
  end

  call('PUBLISH', desk, desk_frame)

  return { OK, args[3] == 'v' and v or d, v, at }
end


-- Why the next message of this device may not be stored; nil when it may.
local function post_refuse(args, k, last, open, observer)
  if open ~= '1' then
    return { E.CLOSED }
  end

  if args[8] == '1' and args[3] ~= 'a' or args[8] ~= '1' and observer then
    return { E.FORBIDDEN }
  end

  local refused = args[10] and menu_refuse(args)

  if refused then
    return refused
  end

  if k ~= last + 1 then
    return { E.GAP, last + 1 }
  end

  if #args[9] > L.BUS_FRAME then
    return { E.TOO_LONG }
  end

  return nil
end


local function cd_post(keys, args)
  local key, conv = keys[1], args[1]
  local k, at, body = whole(args[5], UINT_MAX), time_of(args[7]), args[9]

  if not k or k < 1 or #args[6] ~= 8 or not at or not body or body == ''
     or not string.find(key, conv, -#conv, true)
  then
    return { E.BAD_REQUEST }
  end

  local prefix = string.sub(key, 1, -#conv - #K.CONV - 1)
  local field = 'k:' .. args[2] .. ':' .. args[4]
  local state = redis.call('HMGET', key, 's', 'v', 'd', 't',
                           'm:' .. args[2], field, MENU_PLAIN)

  local observer = args[3] == 'a' and state[5] == 'o'

  if not state[1] or state[5] ~= args[3] and not observer then
    return { era_of(prefix) and E.NOT_FOUND or E.NO_DESK }
  end

  local memory, last, devices = state[6], 0, 0

  if memory then
    last = struct.unpack('>I4', memory, #memory - 3)
  end

  if k <= last then
    return post_again(key, prefix, args, k, last, memory)
  end

  local refusal = post_refuse(args, k, last, state[1], observer)

  if refusal then
    return refusal
  end

  if k == 1 then
    devices = tonumber(redis.call('HGET', key, 'kn:' .. args[2]) or 0)

    if devices >= L.DEVICES then
      return { E.TOO_MANY }
    end
  end

  if args[3] == 'v' and (state[7] or args[13] == '1') then
    menu_answer(key, args)
  end

  if (args[11] or '') ~= '' then
    refusal = menu_pick_refuse(key, args)

    if refusal then
      return refusal
    end
  end

  return post_store(key, prefix, args, state, field, k, at, devices)
end

redis.register_function('cd_post', cd_post)
