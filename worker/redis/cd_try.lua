-- cd_try: how often the log was begun at this position.
--
-- key     desk
-- takes   worker, epoch, applied position
-- gives   ok, attempts with this one
-- refuses bad_request, stale
--
-- The owner asks before its first batch, and only then: an entry that kills
-- the process leaves its count behind, one that is applied moves the
-- position on.

local function cd_try(keys, args)
  local position = args[3]
  local prefix = prefix_before(keys[1], K.DESK)

  if not prefix or not position then
    return { E.BAD_REQUEST }
  end

  if not is_owner(prefix, args[1], args[2]) then
    return { 'stale' }
  end

  local at, count =
    string.match(redis.call('HGET', keys[1], 'tried') or '',
                 '^(%S+) (%d+)$')

  count = at == position and tonumber(count) + 1 or 1
  redis.call('HSET', keys[1], 'tried', position .. ' ' .. count)

  return { OK, count }
end

redis.register_function{
  function_name = 'cd_try', callback = cd_try, flags = { 'allow-oom' }
}
