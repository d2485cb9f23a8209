-- cd_hello_agent: an agent's session begins, with a ticket.
--
-- key     t:<hash of the ticket>
-- takes   session, node, at
-- gives   ok, era, agent, name, session key
-- refuses bad_request, no_desk, unauthorized
--
-- The ticket is gone afterwards, also when its login has ended meanwhile.

local function cd_hello_agent(keys, args)
  local session, node, at = args[1], args[2], time_of(args[3])
  local prefix = prefix_of(keys[1])

  if not prefix or not at then
    return { E.BAD_REQUEST }
  end

  local era = era_of(prefix)

  if not era then
    return { E.NO_DESK }
  end

  local login = redis.call('GETDEL', keys[1])

  if not login then
    return { E.UNAUTHORIZED }
  end

  local agent, name = login_of(prefix .. K.SESSION .. login)

  if not agent then
    return { E.UNAUTHORIZED }
  end

  redis.call('PEXPIRE', prefix .. K.SESSION .. login, L.SESSION_MS)
  enter(prefix, session, node, 'a', agent)
  append(prefix, T.ONLINE, 0, at, {
    [F.WHO] = agent, [F.ROLE] = ROLE.a, [F.SESSION] = session,
    [F.NODE] = node
  })

  return { OK, tonumber(era), agent, name, login }
end

redis.register_function('cd_hello_agent', cd_hello_agent)
