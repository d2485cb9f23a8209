-- A conversation's two sides: numbering, windows, trimming.
--
-- Purpose:    what cd_post, cd_mark and cd_commit do alike to a feed.
-- Owner:      the caller; `list` is a window's key.
-- Invariants: a window keeps its last L.WINDOW messages with the events
--             between them, as long as L.WINDOW_MAX frames hold them.


-- How many frames of a full window stay.
local function window_keep(frames)
  local messages = 0

  for i = #frames, 1, -1 do
    if head_type(frames[i]) == T.MESSAGE then
      messages = messages + 1
      if messages == L.WINDOW then
        return math.min(math.max(#frames - i + 1, L.WINDOW_KEEP),
                        L.WINDOW_MAX)
      end
    end
  end

  return math.min(#frames, L.WINDOW_MAX)
end


-- Cuts a window back; the cost is spread over the frames between two cuts.
local function window_trim(list, length)
  local step = L.WINDOW_TRIM - L.WINDOW_KEEP

  if length < L.WINDOW_TRIM or (length - L.WINDOW_TRIM) % step ~= 0 then
    return
  end

  redis.call('LTRIM', list,
             -window_keep(redis.call('LRANGE', list, 0, -1)), -1)
end


-- Appends a frame to a window.
local function window_push(list, envelope)
  local length = redis.call('RPUSH', list, envelope)

  if length >= L.WINDOW_TRIM then
    window_trim(list, length)
  end
end


-- Index of the first frame of the last L.WINDOW messages.
local function window_start(frames)
  local messages = 0

  for i = #frames, 1, -1 do
    if head_type(frames[i]) == T.MESSAGE then
      messages = messages + 1
      if messages == L.WINDOW then
        return i
      end
    end
  end

  return 1
end
