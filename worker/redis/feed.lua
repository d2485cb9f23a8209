-- A conversation's two sides: numbering, windows, trimming.
--
-- Purpose:    what cd_post, cd_mark and cd_commit do alike to a feed.
-- Owner:      the caller; `list` is a window's key.
-- Invariants: a window keeps its last L.WINDOW messages with the events
--             between them, as long as L.WINDOW_MAX frames hold them.


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


-- How many frames of a full window stay.  Field `e` of the conversation
-- counts its stored events: while they are few, the frames that always stay
-- hold enough messages whatever they are, and need not be read.
local function window_keep(key, list)
  local events = tonumber(redis.call('HGET', key, 'e') or 0)

  if events <= L.WINDOW_KEEP - L.WINDOW then
    return L.WINDOW_KEEP
  end

  local frames = redis.call('LRANGE', list, 0, -1)
  local keep = #frames - window_start(frames) + 1

  return math.min(math.max(keep, L.WINDOW_KEEP), L.WINDOW_MAX)
end


-- Appends a frame to a window of the conversation at `key`; cuts a full
-- window back, at a cost that is spread over the frames between two cuts.
local function window_push(key, list, frame)
  local length = redis.call('RPUSH', list, frame)

  if length >= L.WINDOW_TRIM
     and (length - L.WINDOW_TRIM) % (L.WINDOW_TRIM - L.WINDOW_KEEP) == 0
  then
    redis.call('LTRIM', list, -window_keep(key, list), -1)
  end
end
