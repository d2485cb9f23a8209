-- cd_session: whose login this is; it lives on from now.
--
-- key     s:<session key>
-- takes   at (logins end by Redis' clock, so it is only checked)
-- gives   ok, agent, name, role
-- refuses bad_request, no_desk, unauthorized

local function cd_session(keys, args)
  local prefix = prefix_of(keys[1])

  if not prefix or not time_of(args[1]) then
    return { E.BAD_REQUEST }
  end

  if not era_of(prefix) then
    return { E.NO_DESK }
  end

  local agent, name, role = login_of(keys[1])

  if not agent then
    return { E.UNAUTHORIZED }
  end

  redis.call('PEXPIRE', keys[1], L.SESSION_MS)

  return { OK, agent, name, role }
end

redis.register_function('cd_session', cd_session)
