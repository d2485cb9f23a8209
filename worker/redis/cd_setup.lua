-- cd_setup: the owner sets the desk up and learns where its log stands.
--
-- key     desk
-- takes   worker, epoch, name, at, lost (1: Redis has lost writes, 0)
-- gives   ok, era, applied position, last id of the log
-- refuses bad_request, stale
--
-- The era is set once and changed when writes were lost; it only rises.

-- Whether this worker holds the desk under this epoch.  The epoch alone is
-- the fence: who takes the desk raises it before anything is read, so what
-- comes while the lease has run out and nobody has taken it does no harm.
local function is_owner(prefix, worker, epoch)
  local held = redis.call('MGET', prefix .. K.LEASE, prefix .. K.EPOCH)

  return held[2] == epoch and (held[1] == worker or not held[1])
end


-- The id of the entry that was appended last, also when it is trimmed.
local function log_last(prefix)
  if redis.call('EXISTS', prefix .. K.LOG) == 0 then
    return '0-0'
  end

  local info = redis.call('XINFO', 'STREAM', prefix .. K.LOG)

  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      return info[i + 1]
    end
  end

  return '0-0'
end


local function cd_setup(keys, args)
  local worker, epoch, name, at = args[1], args[2], args[3], time_of(args[4])
  local prefix = prefix_before(keys[1], K.DESK)

  if not prefix or not at then
    return { E.BAD_REQUEST }
  end

  if not is_owner(prefix, worker, epoch) then
    return { 'stale' }
  end

  local era = tonumber(era_of(prefix) or 0)

  if era == 0 or args[5] == '1' then
    era = math.max(at, era + 1)
  end

  redis.call('HSET', keys[1], 'era', digits(era), 'name', name,
             'version', L.LIBRARY)

  return { OK, era, redis.call('GET', prefix .. K.APPLIED) or '0-0',
           log_last(prefix) }
end

redis.register_function{
  function_name = 'cd_setup', callback = cd_setup, flags = { 'allow-oom' }
}
