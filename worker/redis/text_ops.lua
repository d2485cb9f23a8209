-- Operations of a commit that read behind a record (docs/bus.md): earlier
-- conversations of a client, and what was written in one.
--
-- Purpose:    sums of records, and the messages that are still kept.
-- Owner:      cd_commit; `tx` lives for one commit.
-- Invariants: what is asked for by client is of that client alone: its index
--             names the record, and the record names the client.  A body has
--             at most API_ANSWER; messages are those of the desk side up to
--             the end of the interaction.

local EARLIER_ENTRIES = 2000    -- entries that one page of a list looks at
local TEXT_HEAD = 512           -- what an answer has around its messages


local function json_list(texts)
  local items = {}

  for i, text in ipairs(texts) do
    items[i] = cjson.encode(text)
  end

  return '[' .. table.concat(items, ',') .. ']'
end


-- A record's entries, unpacked.
local function record_entries(tx, number)
  local entries = redis.call('LRANGE', tx.prefix .. K.RECORD .. number, 0, -1)

  for i, entry in ipairs(entries) do
    entries[i] = cmsgpack.unpack(entry)
  end

  return entries
end


-- What a list says of an interaction: how it began, who had it, how it ended.
local function earlier_item(entries)
  local first, agents, had = entries[1], {}, {}
  local item = { number = first.number, conv = first.conv,
                 source = first.source, queue = first.queue,
                 flow = first.flow, since = first.at }

  for _, entry in ipairs(entries) do
    local agent = entry.what == 'accepted' and entry.agent
                  or entry.what == 'joined' and entry.role == 'agent'
                  and entry.who

    if agent and not had[agent] then
      had[agent] = true
      agents[#agents + 1] = agent

    elseif entry.what == 'wrapup' then
      item.disposition = entry.disposition

    elseif entry.what == 'ended' then
      item.ended_at = entry.at
    end
  end

  return string.sub(cjson.encode(item), 1, -2)
         .. ',"agents":' .. json_list(agents) .. '}'
end


-- Many, the newest first: node, id, client, before, most
local function op_earlier(tx, op)
  local visitor, most = op[4], op[6]
  local set = tx.prefix .. K.RECORDS_BY .. visitor
  local items, bytes, looked, last = {}, 0, 0, nil
  local numbers = redis.call('ZREVRANGEBYSCORE', set,
                             '(' .. digits(op[5]), '-inf')

  for i, number in ipairs(numbers) do
    if #items >= most or looked >= EARLIER_ENTRIES
       or bytes >= L.API_ANSWER / 2
    then
      break
    end

    local entries = record_entries(tx, number)

    if #entries == 0 then
      redis.call('ZREM', set, number)   -- it was kept long enough

    elseif entries[1].visitor == visitor then
      items[#items + 1] = earlier_item(entries)
      bytes = bytes + #items[#items]
    end

    looked = looked + #entries
    last = i < #numbers and number or nil
  end

  tx_answer(tx, op[2], op[3], 200, '{' .. record_page(items, last) .. '}')
end


-- One message of a window; `n` is its number there.
local function text_json(frame, n)
  local body = cmsgpack.unpack(string.sub(frame, HEAD + 1))
  local item = { n = n, at = struct.unpack('>I8', frame, 14),
                 from = body[F.FROM], role = body[F.ROLE],
                 name = body[F.NAME], text = body[F.TEXT],
                 private = body[F.PRIVATE] and true or false }

  return cjson.encode(item)
end


-- Whether the interaction ends with this frame; `since` is a time at or
-- before its end, and behind the end of the one before it.
local function text_ends(frame, since)
  return head_type(frame) == T.EVENT
         and struct.unpack('>I8', frame, 14) >= since
         and cmsgpack.unpack(string.sub(frame, HEAD + 1))[F.WHAT] == 'ended'
end


-- The messages of a conversation behind number `after` up to the end of an
-- interaction, as JSON, and the number to go on behind (nil: nothing).
local function texts_page(tx, conv, since, after, most)
  local items, bytes, last = {}, 0, nil

  for _, frame in ipairs(redis.call('LRANGE', tx.prefix .. K.SIDE_D .. conv,
                                    0, -1))
  do
    local n = head_n(frame)

    if text_ends(frame, since) then
      break
    end

    if head_type(frame) == T.MESSAGE and n > after then
      local item = text_json(frame, n)

      -- the first one always fits
      if #items > 0 and (#items >= most
                         or bytes + #item > L.API_ANSWER - TEXT_HEAD)
      then
        return items, last
      end

      items[#items + 1] = item
      bytes = bytes + #item + 1
      last = digits(n)
    end
  end

  return items, nil
end


-- The time by which text_ends() finds the end of an interaction.
local function texts_since(entries)
  for i = #entries, 1, -1 do
    if entries[i].what == 'ended' then
      return entries[i].at
    end
  end

  return entries[1].at
end


-- What was written: node, id, number, client (empty: whoever had a part in
-- it), by, all (1: also who had none), after, most, refusal
local function op_texts(tx, op)
  local node, id, number, visitor = op[2], op[3], digits(op[4]), op[5]
  local theirs = record_theirs(tx, number, op[6])
  local entries = redis.call('ZSCORE', tx.prefix .. K.RECORDS, number)
                  and record_entries(tx, number) or {}
  local first = entries[1]
  local open = first and first.conv
               and (visitor ~= '' and first.visitor == visitor
                    or visitor == '' and (theirs or op[7] == 1))

  if not open then
    tx_answer(tx, node, id, 404, op[10])
    return
  end

  if not theirs then
    tx_audit(tx, op[6], 'look', 'record/' .. number .. '/messages')
  end

  local items, following = texts_page(tx, first.conv, texts_since(entries),
                                      op[8], op[9])
  local kept = redis.call('EXISTS', tx.prefix .. K.SIDE_D .. first.conv) == 1

  tx_answer(tx, node, id, 200, '{"number":' .. number .. ',"conv":'
            .. cjson.encode(first.conv) .. ',"kept":' .. tostring(kept) .. ','
            .. record_page(items, following) .. '}')
end
