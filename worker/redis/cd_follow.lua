-- cd_follow: what a feed has after a number.
--
-- key     the feed
-- takes   feed, person (empty: the node itself), era, n (-1: has nothing),
--         mid (empty: has no message)
-- gives   ok, era, head, reset (0, 1; 2 is added for one who watches a desk
--         side unseen), then envelopes: registers by number, then stored
--         frames
-- refuses bad_request, no_desk, not_found
--
-- Nothing is answered about a conversation to somebody who is not a member
-- that would not be answered about one that does not exist.

-- Whether the last message at or below n that is kept has this id.
local function follow_fits(frames, n, mid)
  for i = #frames, 1, -1 do
    if head_n(frames[i]) <= n and head_type(frames[i]) == T.MESSAGE then
      local good, body = pcall(cmsgpack.unpack,
                               string.sub(frames[i], HEAD + 1))

      return good and type(body) == 'table' and body[F.MID] == mid
    end
  end

  return true
end


-- Whether a client that stands at n, mid must forget what it has.
local function follow_resets(frames, top, n, mid)
  return n < 0 or n > top
         or (#frames > 0 and n < head_n(frames[1]) - 1)
         or (mid ~= '' and not follow_fits(frames, n, mid))
end


-- Registers above n, lowest number first.
local function follow_registers(answer, registers, n)
  local newer = {}

  for _, frame in ipairs(registers) do
    if head_n(frame) > n then
      newer[#newer + 1] = frame
    end
  end

  table.sort(newer, function(a, b) return head_n(a) < head_n(b) end)

  for _, frame in ipairs(newer) do
    answer[#answer + 1] = frame
  end
end


-- A feed that has registers alone.
local function follow_plain(prefix, feed, era)
  local pairs_ = redis.call('HGETALL', prefix .. feed)
  local top, registers = 0, {}

  for i = 1, #pairs_, 2 do
    if pairs_[i] == 'n' then
      top = tonumber(pairs_[i + 1])
    else
      registers[#registers + 1] = pairs_[i + 1]
    end
  end

  local answer = { OK, era, top, 1 }
  follow_registers(answer, registers, -1)

  return answer
end


-- Whether a person may follow such a feed: its own inbox; as an agent of the
-- settings the figures.
local function follow_may(prefix, side, feed, person)
  if side == K.INBOX then
    return feed == K.INBOX .. person
  end

  return redis.call('HEXISTS', prefix .. K.ENTITY .. 'config',
                    'agents/' .. person) == 1
end


local function follow_side(prefix, feed, person, era, from)
  local side, conv = string.sub(feed, 1, 2), string.sub(feed, 3)
  local visitor = side == K.SIDE_V
  local state = redis.call('HMGET', prefix .. K.CONV .. conv,
                           visitor and 'v' or 'd', 'm:' .. person)

  local member = visitor and state[2] == 'v'
                 or not visitor and (state[2] == 'a' or state[2] == 'o')

  if not state[1] or (person ~= '' and not member) then
    return { E.NOT_FOUND }
  end

  local top, n, first = tonumber(state[1]), from.n, 1
  local frames = redis.call('LRANGE', prefix .. feed, 0, -1)
  local reset = from.era ~= era or follow_resets(frames, top, n, from.mid)

  if reset then
    n, first = -1, window_start(frames)
  end

  local answer = { OK, era, top, (reset and 1 or 0)
                                 + (state[2] == 'o' and 2 or 0) }

  follow_registers(answer, redis.call('HVALS', prefix
      .. (visitor and K.REG_V or K.REG_D) .. conv), n)

  for i = first, #frames do
    if head_n(frames[i]) > n then
      answer[#answer + 1] = frames[i]
    end
  end

  return answer
end


local function cd_follow(keys, args)
  local feed, person = args[1], args[2]
  local prefix = prefix_before(keys[1], feed)
  local from = { era = tonumber(args[3]), n = tonumber(args[4]),
                 mid = args[5] }

  if not prefix or not from.era or not from.n or not from.mid then
    return { E.BAD_REQUEST }
  end

  local era = tonumber(era_of(prefix) or nil)
  local side = string.sub(feed, 1, 2)

  if not era then
    return { E.NO_DESK }
  end

  if side == K.INBOX or feed == K.GROUP .. 'queues' then
    if person ~= '' and not follow_may(prefix, side, feed, person) then
      return { E.NOT_FOUND }
    end
    return follow_plain(prefix, feed, era)
  end

  if side ~= K.SIDE_V and side ~= K.SIDE_D then
    return { E.BAD_REQUEST }
  end

  return follow_side(prefix, feed, person, era, from)
end

redis.register_function{
  function_name = 'cd_follow', callback = cd_follow,
  flags = { 'no-writes' }
}
