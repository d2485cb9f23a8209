-- cd_beat: an nginx worker renews its lease and compares heads.
--
-- key     nodes
-- takes   node, now, lease (ms), then names of feeds
-- gives   ok, era, length of the log, then a head for each feed, -1 for a
--         feed that does not exist, and at last 1 when the node had no lease
--         (its sessions, if it had any, were ended), else 0
-- refuses bad_request, no_desk
--
-- The lease ends by Redis' clock: nodes whose clocks differ are not taken
-- for dead.  `now` is only checked to be a time.

local function feed_head(prefix, feed)
  local side, id = string.match(feed, '^([vdig]:)(.+)$')

  if side == K.INBOX or side == K.GROUP then
    return tonumber(redis.call('HGET', prefix .. feed, 'n') or -1)
  end

  if not side then
    return -1
  end

  return tonumber(redis.call('HGET', prefix .. K.CONV .. id,
                             side == K.SIDE_V and 'v' or 'd') or -1)
end


local function cd_beat(keys, args)
  local node, now, lease = args[1], time_of(args[2]), time_of(args[3])
  local prefix = prefix_before(keys[1], K.NODES)

  if not prefix or not now or not lease then
    return { E.BAD_REQUEST }
  end

  local era = era_of(prefix)

  if not era then
    return { E.NO_DESK }
  end

  local clock = redis.call('TIME')
  local ends = clock[1] * 1000 + math.floor(clock[2] / 1000) + lease

  local new = redis.call('HSET', keys[1], node, digits(ends))

  local answer = {
    OK, tonumber(era), redis.call('XLEN', prefix .. K.LOG)
  }

  for i = 4, #args do
    answer[i] = feed_head(prefix, args[i])
  end

  answer[#answer + 1] = new

  return answer
end

redis.register_function{
  function_name = 'cd_beat', callback = cd_beat, flags = { 'allow-oom' }
}
