-- The operations of a commit (docs/bus.md).
--
-- Purpose:    one row for each operation: what its elements must be, and
--             what it does.
-- Owner:      cd_commit; `tx` lives for one commit.
-- Invariants: what is to be published waits in tx.out; a number of an
--             operation is never used again for another one.

local function op_put(tx, op)
  redis.call('HSET', tx.prefix .. K.ENTITY .. op[2], op[3], op[4])
end


local function op_drop(tx, op)
  redis.call('HDEL', tx.prefix .. K.ENTITY .. op[2], op[3])
end


local function op_conv_set(tx, op)
  if tx_conv(tx, op[2]) then
    for i = 3, #op - 1, 2 do
      redis.call('HSET', tx.prefix .. K.CONV .. op[2], op[i], op[i + 1])
    end
  end
end


local function op_conv_unset(tx, op)
  if tx_conv(tx, op[2]) then
    for i = 3, #op do
      redis.call('HDEL', tx.prefix .. K.CONV .. op[2], op[i])
    end
  end
end


local function op_stored(tx, op)
  for _, frame in ipairs(tx_number(tx, op[2], op[3], op[4], true)) do
    local list = frame[1] .. frame[2]

    window_push(tx.prefix .. K.CONV .. frame[2], tx.prefix .. list, frame[3])
    tx_publish(tx, list, frame[3])
  end
end


local function op_register(tx, op)
  local feed, kind, key, body = op[2], op[3], op[4], op[5]

  if is_plain(feed) then
    local frame = tx_plain(tx, feed, kind, body)

    redis.call('HSET', tx.prefix .. feed, 'r:' .. kind .. ':' .. key,
               frame)
    tx_publish(tx, feed, frame)
    return
  end

  for _, frame in ipairs(tx_number(tx, feed, kind, body)) do
    redis.call('HSET', tx.prefix .. 'r' .. frame[1] .. frame[2],
               kind .. ':' .. key, frame[3])
    tx_publish(tx, frame[1] .. frame[2], frame[3])
  end
end


local function op_unregister(tx, op)
  local feed, field, kind, body = op[2], op[3] .. ':' .. op[4], op[5], op[6]

  if is_plain(feed) then
    redis.call('HDEL', tx.prefix .. feed, 'r:' .. field)
    tx_publish(tx, feed, tx_plain(tx, feed, kind, body))
    return
  end

  for _, frame in ipairs(tx_number(tx, feed, kind, body)) do
    redis.call('HDEL', tx.prefix .. 'r' .. frame[1] .. frame[2], field)
    tx_publish(tx, frame[1] .. frame[2], frame[3])
  end
end


local function op_passing(tx, op)
  local side, id = string.sub(op[2], 1, 2), string.sub(op[2], 3)
  local frame = envelope(op[3], 0, 0, tx.at, op[4])

  if side == K.INBOX then
    tx_publish(tx, op[2], frame)

  elseif tx_conv(tx, id) then
    if side ~= K.SIDE_D then
      tx_publish(tx, K.SIDE_V .. id, frame)
    end
    if side ~= K.SIDE_V then
      tx_publish(tx, K.SIDE_D .. id, frame)
    end
  end
end


local function op_node(tx, op)
  tx_publish(tx, K.NODE .. op[2], envelope(op[3], 0, 0, tx.at, op[4]))
end


-- With a flow by which it goes on, the visitor's key stays, for as long as
-- the conversation can be read: cd_start looks there.
local function op_close(tx, op)
  local state, visitor = tx_conv(tx, op[2]), tx.prefix .. K.VISITOR .. op[3]
  local key = tx.prefix .. K.CONV .. op[2]

  if redis.call('GET', visitor) == op[2] then
    if state and op[5] ~= '' then
      redis.call('PEXPIRE', visitor, op[4])
    else
      redis.call('DEL', visitor)
    end
  end

  if state then
    redis.call('HSET', key, 's', '0')
    if op[5] ~= '' then
      redis.call('HSET', key, 'r', op[5])
    else
      redis.call('HDEL', key, 'r')
    end
    state.open = '0'
    state.keep = op[4]
    state.dirty = true
  end
end


local function op_session(tx, op)
  local key = tx.prefix .. K.SESSION .. op[2]

  redis.call('HSET', key, 'agent', op[3], 'name', op[4], 'role', op[5],
             'born', digits(tx.at), 'voids', voids_of(tx.prefix, op[3]))
  redis.call('PEXPIRE', key, op[6])
end


-- Every login that the agent has is void from now on.
local function op_void(tx, op)
  redis.call('HINCRBY', tx.prefix .. K.VOIDS, op[2], 1)
  tx_publish(tx, K.INBOX .. op[2],
             envelope(T.KICK, 0, 0, tx.at, cmsgpack.pack({
               [F.WHO] = op[2]
             })))
end


local function op_dead(tx, op)
  redis.call('XADD', tx.prefix .. K.DEAD, 'MAXLEN', '~', L.DEAD, '*',
             'id', op[2], 'reason', op[3], 'e', op[4])
end


local function op_offline(tx, op)
  for i = 2, #op do
    redis.call('HDEL', tx.prefix .. K.ONLINE, op[i])
  end
end


local function op_node_gone(tx, op)
  redis.call('HDEL', tx.prefix .. K.NODES, op[2])
end


local function op_audit(tx, op)
  tx_audit(tx, op[2], op[3], op[4])
end


local function op_flows(tx)
  redis.call('DEL', tx.prefix .. K.FLOWS)
end


local function op_flow(tx, op)
  redis.call('HSET', tx.prefix .. K.FLOWS, op[2],
             envelope(op[3], 0, 0, tx.at, op[4]))
end


local function op_form(tx, op)
  local key = tx.prefix .. K.FORM .. op[2]

  redis.call('HSET', key, 'a', op[3], 'k', op[4])
  redis.call('PEXPIRE', key, op[5])
end


-- A conversation that no visitor has opened; its client is never there.
local function op_open(tx, op)
  local key = tx.prefix .. K.CONV .. op[2]

  if redis.call('EXISTS', key) == 0 then
    redis.call('HSET', key, 's', '1', 'v', '0', 'd', '0', 't', '0',
               'm:' .. op[3], 'v')
  end
end


-- A visitor who has begun another one meanwhile keeps that.
local function op_reopen(tx, op)
  local state, visitor = tx_conv(tx, op[2]), tx.prefix .. K.VISITOR .. op[3]

  if not state then
    return
  end

  conv_reopen(tx.prefix, op[2])
  state.open = '1'
  state.keep = nil

  -- where it names this one already it expires no more
  local open = open_conv(tx.prefix, visitor)

  if not open or open == op[2] then
    redis.call('SET', visitor, op[2])
  end
end


-- Elements after the number: s text, n number, c feed of a conversation,
-- f any feed; a * repeats the one before.
local OPS = {
  { 'sss', op_put },
  { 'ss', op_drop },
  { 'sss*', op_conv_set },
  { 'ss*', op_conv_unset },
  { 'cns', op_stored },
  { 'fnss', op_register },
  { 'fnsns', op_unregister },
  { 'fns', op_passing },
  { 'sns', op_node },
  { 'ssns', op_close },
  { 'ssssn', op_session },
  { 'sss', op_dead },
  { 's*', op_offline },
  { 's', op_node_gone },
  { 'sss', op_audit },
  { 's', op_void },
  { '', op_flows },
  { 'sns', op_flow },
  { 'sssn', op_form },
  { 'ss', op_reopen },
  [21] = { 'ns', op_record },
  [22] = { 'nss*', op_recorded },
  [23] = { 'ssnsnnns', op_look },
  [24] = { 'sssssnnn', op_records },
  [25] = { 'sssnn', op_earlier },
  [26] = { 'ssnssnnns', op_texts },
  [31] = { 'ssssnsss', op_source },
  [32] = { 'ssnsssnnssss', op_source_event },
  [33] = { 'ss', op_open },
}

local OP_FEEDS = {
  ['v:'] = 'c', ['d:'] = 'c', ['b:'] = 'c', ['i:'] = 'f', ['g:'] = 'f'
}


-- Whether an element is what its letter says.
local function op_element(letter, value)
  if letter == 'n' then
    return type(value) == 'number' and value >= 0
           and value == math.floor(value)
  end

  if type(value) ~= 'string' then
    return false
  end

  if letter == 's' then
    return true
  end

  local side = OP_FEEDS[string.sub(value, 1, 2)]

  return side == 'c' or side == letter
end


-- Whether an operation has the form of its row.
local function op_valid(op)
  local row = type(op) == 'table' and OPS[op[1]]

  if not row then
    return false
  end

  local shape = row[1]
  local repeats = string.sub(shape, -1) == '*'
  local least = #shape - (repeats and 1 or 0)

  if #op - 1 < least or (#op - 1 > least and not repeats) then
    return false
  end

  for i = 2, #op do
    local letter = string.sub(shape, math.min(i - 1, least),
                              math.min(i - 1, least))
    if not op_element(letter, op[i]) then
      return false
    end
  end

  return true
end
