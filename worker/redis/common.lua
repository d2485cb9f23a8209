-- What every function of the library needs: names, answers, envelopes.
--
-- Purpose:    one spelling of keys, heads and entries.
-- Owner:      nobody; nothing here keeps state between calls.
-- Invariants: a function that answers something else than `ok` has written
--             nothing; `redis.call` and the C libraries exist only while a
--             function runs, so they are looked up there.

local OK = 'ok'
local HEAD = 21               -- bytes in front of a body
local ENVELOPE = '>BBBI4BI4BI8c0'
local UINT_MAX = 4294967295

-- persons as the hash knows them, and as frames name them
local ROLE = { v = 'visitor', a = 'agent' }


-- The desk's prefix of a key, nil when the key is not one of a desk.
local function prefix_of(key)
  return string.match(key, '^cd:{[a-z0-9-]+}:')
end


-- The prefix in front of `name`, nil when `key` does not end so.
local function prefix_before(key, name)
  local prefix = string.sub(key, 1, -(#name + 1))

  return prefix .. name == key and prefix or nil
end


-- The desk's era as it stands, nil when the desk is not set up.
local function era_of(prefix)
  return redis.call('HGET', prefix .. K.DESK, 'era') or nil
end


-- A whole number from 0 to `max`, nil for anything else.
local function whole(text, max)
  local number = tonumber(text)

  if number and number >= 0 and number <= max
     and number == math.floor(number)
  then
    return number
  end

  return nil
end


-- A time in ms; below 2^53, so a Lua number holds it exactly.
local function time_of(text)
  return whole(text, 9007199254740991)
end


local function digits(number)
  return string.format('%.0f', number)
end


-- An envelope: a head of fixed width in front of a body that is not looked
-- at; include/chatdesk_wire.h draws it.
local function envelope(kind, n, v, at, body)
  return struct.pack(ENVELOPE, 0x95, kind, 0xce, n, 0xce, v, 0xcf, at, body)
end


-- Type and number of an envelope.
local function head_type(envelope)
  return string.byte(envelope, 2)
end


local function head_n(envelope)
  return (struct.unpack('>I4', envelope, 4))
end


-- Whether this can be an envelope; the body is not looked at.
local function is_envelope(text)
  return #text > HEAD and #text <= L.BUS_FRAME + HEAD
         and string.byte(text, 1) == 0x95
         and string.byte(text, 3) == 0xce
         and string.byte(text, 8) == 0xce
         and string.byte(text, 13) == 0xcf
end


-- Appends a control entry to the log; `fields` is a map of field numbers.
local function append(prefix, kind, n, at, fields)
  return redis.call('XADD', prefix .. K.LOG, '*', 'e',
                    envelope(kind, n, 0, at, cmsgpack.pack(fields)))
end


-- Puts a session among those that are connected.
local function enter(prefix, session, node, role, person)
  redis.call('HSET', prefix .. K.ONLINE, session,
             node .. ' ' .. role .. ' ' .. person)
end


-- How often all logins of an agent were made void; a login remembers the
-- count that it was made under.
local function voids_of(prefix, agent)
  return redis.call('HGET', prefix .. K.VOIDS, agent) or '0'
end


-- A live login: agent, name, role; nil when it has ended.
local function login_of(key)
  local login = redis.call('HMGET', key, 'agent', 'name', 'role', 'voids')

  if not login[1]
     or voids_of(prefix_of(key), login[1]) ~= (login[4] or '0') then
    return nil
  end

  return login[1], login[2] or '', login[3] or ''
end


-- The open conversation of a visitor, nil when there is none.  `key` is
-- that of the visitor.
local function open_conv(prefix, key)
  local conv = redis.call('GET', key)

  if conv and redis.call('HGET', prefix .. K.CONV .. conv, 's') == '1' then
    return conv
  end

  return nil
end


-- A closed conversation that can still be read is open again, with all that
-- is known of it.
local function conv_reopen(prefix, conv)
  for _, name in ipairs({ K.CONV, K.SIDE_V, K.SIDE_D, K.REG_V, K.REG_D }) do
    redis.call('PERSIST', prefix .. name .. conv)
  end

  redis.call('HSET', prefix .. K.CONV .. conv, 's', '1')
  redis.call('HDEL', prefix .. K.CONV .. conv, 'r')
end


-- What a visitor is told of a flow before it starts: the envelope for its
-- language, else for any ('' for a flow that there is not), and the keys of
-- the form that it has answered.
local function flow_of(prefix, flow, lang, visitor)
  local base = string.match(lang, '^[^-]*')
  local found = redis.call('HMGET', prefix .. K.FLOWS, flow .. '/' .. lang,
                           flow .. '/' .. base, flow)

  return found[1] or found[2] or found[3] or '',
         redis.call('HGET', prefix .. K.FORM .. visitor, 'k') or ''
end
