-- What the operations of a commit have in common.
--
-- Purpose:    numbers on feeds, answers to nginx workers, the audit log.
-- Owner:      cd_commit; `tx` lives for one commit.
-- Invariants: what is to be published waits in tx.out.  The heads of a
--             conversation are read once, kept in tx.convs and written once.

-- The heads of a conversation; false when its hash is gone.
local function tx_conv(tx, conv)
  local state = tx.convs[conv]

  if state ~= nil then
    return state
  end

  local values = redis.call('HMGET', tx.prefix .. K.CONV .. conv,
                            's', 'v', 'd', 't', 'e')

  state = values[1] and {
    open = values[1], v = tonumber(values[2]), d = tonumber(values[3]),
    at = tonumber(values[4]), events = tonumber(values[5] or 0)
  } or false
  tx.convs[conv] = state

  return state
end


local function tx_publish(tx, channel, frame)
  local out = tx.out

  out[#out + 1] = tx.prefix .. channel
  out[#out + 1] = frame
end


-- Numbers a frame on the sides that `feed` names; gives a list of
-- { side, conversation, envelope }, empty when the conversation is gone.
local function tx_number(tx, feed, kind, body, stored)
  local side, conv = string.sub(feed, 1, 2), string.sub(feed, 3)
  local state = tx_conv(tx, conv)
  local frames, v = {}, 0

  if not state then
    return frames
  end

  local at = math.max(tx.at, state.at)

  if side ~= K.SIDE_D then
    state.v = state.v + 1
    v = state.v
    frames[1] = { K.SIDE_V, conv, envelope(kind, v, v, at, body) }
  end

  if side ~= K.SIDE_V then
    state.d = state.d + 1
    frames[#frames + 1] = { K.SIDE_D, conv,
                            envelope(kind, state.d, v, at, body) }
  end

  state.dirty = true
  if stored then
    state.at = at
    if kind ~= T.MESSAGE then
      state.events = state.events + 1
    end
  end

  return frames
end


-- Feeds that have registers alone: inboxes, and those of the whole desk.
local function is_plain(feed)
  local side = string.sub(feed, 1, 2)

  return side == K.INBOX or side == K.GROUP
end


-- The next envelope of such a feed.
local function tx_plain(tx, feed, kind, body)
  local n = redis.call('HINCRBY', tx.prefix .. feed, 'n', 1)

  return envelope(kind, n, 0, tx.at, body)
end


local function tx_audit(tx, who, what, object)
  redis.call('XADD', tx.prefix .. K.AUDIT, 'MAXLEN', '~', L.AUDIT, '*',
             'at', digits(tx.at), 'who', who, 'what', what,
             'object', object)
end


-- The answer to a REST request; `body` is JSON.
local function tx_answer(tx, node, id, status, body)
  tx_publish(tx, K.NODE .. node,
             envelope(T.ANSWER, 0, 0, tx.at, cmsgpack.pack({
               [F.ID] = id, [F.STATUS] = status, [F.BODY] = body
             })))
end
