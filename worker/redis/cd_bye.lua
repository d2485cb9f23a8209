-- cd_bye: a session has ended.
--
-- key     online
-- takes   session, at
-- gives   ok, also for a session that is not there
-- refuses bad_request, no_desk

local function cd_bye(keys, args)
  local session, at = args[1], time_of(args[2])
  local prefix = prefix_before(keys[1], K.ONLINE)

  if not prefix or not at then
    return { E.BAD_REQUEST }
  end

  if not era_of(prefix) then
    return { E.NO_DESK }
  end

  local node, role, person =
    string.match(redis.call('HGET', keys[1], session) or '',
                 '^(%S+) (%S+) (%S+)$')

  if not node then
    return { OK }
  end

  redis.call('HDEL', keys[1], session)
  append(prefix, T.OFFLINE, 0, at, {
    [F.WHO] = person, [F.ROLE] = ROLE[role], [F.SESSION] = session,
    [F.NODE] = node
  })

  return { OK }
end

redis.register_function{
  function_name = 'cd_bye', callback = cd_bye, flags = { 'allow-oom' }
}
