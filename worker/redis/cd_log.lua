-- cd_log: a request that the worker decides.
--
-- key     log
-- takes   envelope
-- gives   ok, id of the entry
-- refuses bad_request, no_desk, busy (the log is full)

local function cd_log(keys, args)
  local prefix = prefix_before(keys[1], K.LOG)

  if not prefix or not is_envelope(args[1] or '') then
    return { E.BAD_REQUEST }
  end

  if not era_of(prefix) then
    return { E.NO_DESK }
  end

  if redis.call('XLEN', keys[1]) >= L.LOG then
    return { E.BUSY }
  end

  return { OK, redis.call('XADD', keys[1], '*', 'e', args[1]) }
end

redis.register_function('cd_log', cd_log)
