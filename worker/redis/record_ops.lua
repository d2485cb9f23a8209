-- Operations of a commit on the records of interactions (docs/bus.md).
--
-- Purpose:    what is appended, to whom a record is open, and the answers to
--             those who ask for it.
-- Owner:      cd_commit; `tx` lives for one commit.
-- Invariants: an answer is true after the operations before it, and is
--             published with the commit; a body has at most half of
--             API_ANSWER and one entry more; a record that nobody has opened
--             does not exist for those who ask.

local RECORD_LOOKS = 200        -- records that one page of a list looks at


-- Takes one entry out of the middle of a full record: behind the first ones,
-- which say how it began, so that the last ones are there, too. In their place
-- stands how many are missing.
local function record_thin(key)
  local gap = cmsgpack.unpack(redis.call('LINDEX', key, L.RECORD_FIRST))

  if gap.what ~= 'omitted' then
    gap = { at = gap.at, what = 'omitted', count = 1 }
  end

  gap.count = gap.count + 1
  redis.call('LSET', key, L.RECORD_FIRST, cmsgpack.pack(gap))
  redis.call('LSET', key, L.RECORD_FIRST + 1, '')
  redis.call('LREM', key, 1, '')
end


local function record_push(tx, number, entry)
  local key = tx.prefix .. K.RECORD .. number

  if redis.call('RPUSH', key, entry) > L.RECORD then
    record_thin(key)
  end
  redis.call('PEXPIRE', key, L.RECORD_MS)
end


-- Enters a record into one of the sets in which it is found.
local function record_enter(tx, name, number, most)
  local key = tx.prefix .. name

  redis.call('ZADD', key, number, number)
  redis.call('ZREMRANGEBYRANK', key, 0, -((most or L.RECORDS) + 1))
  redis.call('PEXPIRE', key, L.RECORD_MS)
end


-- Whether the caller had a part in it.
local function record_theirs(tx, number, by)
  return redis.call('ZSCORE', tx.prefix .. K.RECORDS_OF .. by, number)
end


local function record_json(entry)
  return cjson.encode(cmsgpack.unpack(entry))
end


local function record_page(items, following)
  return '"items":[' .. table.concat(items, ',') .. ']'
         .. (following and ',"next":"' .. following .. '"' or '')
end


local function op_record(tx, op)
  record_push(tx, digits(op[2]), op[3])
end


-- number, agent (empty: none), conversation (empty: of another source); the
-- client may follow
local function op_recorded(tx, op)
  local number = digits(op[2])

  record_enter(tx, K.RECORDS, number)
  if op[3] ~= '' then
    record_enter(tx, K.RECORDS_OF .. op[3], number)
  end
  if op[4] ~= '' then
    record_enter(tx, K.RECORDS_IN .. op[4], number)
  end
  if (op[5] or '') ~= '' then
    record_enter(tx, K.RECORDS_BY .. op[5], number, L.EARLIER)
  end
end


-- One record: node, id, number, by, all (1: whoever had a part in it), first
-- entry, most entries, refusal
local function op_look(tx, op)
  local node, id, number, by, from = op[2], op[3], digits(op[4]), op[5], op[7]
  local key = tx.prefix .. K.RECORD .. number
  local theirs = record_theirs(tx, number, by)
  local length = redis.call('LLEN', key)
  local items, bytes = {}, 0

  if length == 0 or not (theirs or op[6] == 1)
     or not redis.call('ZSCORE', tx.prefix .. K.RECORDS, number)
  then
    tx_answer(tx, node, id, 404, op[9])
    return
  end

  for _, entry in ipairs(redis.call('LRANGE', key, digits(from),
                                    digits(from + op[8] - 1)))
  do
    if bytes >= L.API_ANSWER / 2 then
      break
    end

    items[#items + 1] = record_json(entry)
    bytes = bytes + #items[#items]
  end

  if not theirs then
    tx_audit(tx, by, 'look', 'record/' .. number)
  end

  from = from + #items
  tx_answer(tx, node, id, 200, '{"number":' .. number .. ','
            .. record_page(items, from < length and digits(from)) .. '}')
end


-- Where a list looks, and whether for the caller's own records alone.
local function records_set(conv, agent, by, all)
  if conv ~= '' then
    return K.RECORDS_IN .. conv, not all
  end

  if agent ~= '' then
    return K.RECORDS_OF .. agent, not all
  end

  return all and K.RECORDS or K.RECORDS_OF .. by, false
end


-- Many, the newest first, each with how it began: node, id, conversation
-- (empty: any), agent (empty: any), by, all, before (0: from the newest on),
-- most
local function op_records(tx, op)
  local conv, agent, by = op[4], op[5], op[6]
  local all, before, most = op[7] == 1, op[8], op[9]
  local set, own = records_set(conv, agent, by, all)
  local items, bytes, others = {}, 0, false
  local numbers = redis.call('ZREVRANGEBYSCORE', tx.prefix .. set,
    before > 0 and '(' .. digits(before) or '+inf', '-inf',
    'LIMIT', 0, RECORD_LOOKS)
  local last = nil

  for i, number in ipairs(numbers) do
    if #items >= most or bytes >= L.API_ANSWER / 2 then
      break
    end

    local theirs = record_theirs(tx, number, by)
    local entry = (theirs or not own)
                  and redis.call('LINDEX', tx.prefix .. K.RECORD .. number, 0)

    if entry then
      items[#items + 1] = record_json(entry)
      bytes = bytes + #items[#items]
      others = others or not theirs
    end

    last = (i < #numbers or #numbers == RECORD_LOOKS) and number or nil
  end

  if conv ~= '' and others then
    tx_audit(tx, by, 'look', 'conversation/' .. conv .. '/records')
  end

  tx_answer(tx, op[2], op[3], 200, '{' .. record_page(items, last) .. '}')
end


-- What was done, or is so already.
local function source_answer(tx, node, id, status, number, done)
  tx_answer(tx, node, id, status, '{"number":' .. number
            .. ',"done":' .. (done and 'true' or 'false') .. '}')
end


-- Opens the record of another source: node, id, source and its own id of the
-- interaction, number (if it is new), agent, by, first entry
local function op_source(tx, op)
  local node, id, number = op[2], op[3], digits(op[6])
  local key = tx.prefix .. K.SOURCE .. op[4] .. '/' .. op[5]
  local known = redis.call('GET', key)

  if known and redis.call('EXISTS', tx.prefix .. K.SOURCED .. known) == 1 then
    source_answer(tx, node, id, 200, known, false)
    return
  end

  local state = tx.prefix .. K.SOURCED .. number

  redis.call('SET', key, number, 'PX', L.RECORD_MS)
  redis.call('HSET', state, 's', '1', 'by', op[8])
  redis.call('PEXPIRE', state, L.RECORD_MS)
  record_push(tx, number, op[9])
  op_recorded(tx, { 0, op[6], op[7], '' })
  tx_audit(tx, op[8], 'open', 'record/' .. number)
  source_answer(tx, node, id, 201, number, true)
end


-- Something happened: node, id, number, its id (empty for the end), agent, by,
-- all, closes (1: that was the end), entry, and bodies of refusals: there is
-- no such record, it is closed, it is full
local function op_source_event(tx, op)
  local node, id, number, event = op[2], op[3], digits(op[4]), 'e:' .. op[5]
  local agent, by, closes = op[6], op[7], op[9] == 1
  local state = tx.prefix .. K.SOURCED .. number
  local open, opener = unpack(redis.call('HMGET', state, 's', 'by'))

  if not open or not (op[8] == 1 or opener == by
                      or record_theirs(tx, number, by))
  then
    tx_answer(tx, node, id, 404, op[11])
    return
  end

  if redis.call('HEXISTS', state, event) == 1 then
    source_answer(tx, node, id, 200, number, false)
    return
  end

  -- the last place is for the end
  local room = L.RECORD - (closes and 0 or 1)
  local full = redis.call('LLEN', tx.prefix .. K.RECORD .. number) >= room

  if open ~= '1' or full then
    tx_answer(tx, node, id, 409, open ~= '1' and op[12] or op[13])
    return
  end

  redis.call('HSET', state, event, '1', 's', closes and '0' or '1')
  redis.call('PEXPIRE', state, L.RECORD_MS)
  record_push(tx, number, op[10])
  if agent ~= '' then
    record_enter(tx, K.RECORDS_OF .. agent, number)
  end
  source_answer(tx, node, id, closes and 200 or 201, number, true)
end
