-- cd_ticket: a login draws a ticket for one hello.
--
-- key     s:<session key>
-- takes   hash of the ticket, at
-- gives   ok, agent, name, role
-- refuses bad_request, no_desk, unauthorized

local function cd_ticket(keys, args)
  local ticket = args[1]
  local prefix = prefix_of(keys[1])

  if not prefix or not time_of(args[2]) or ticket == '' then
    return { E.BAD_REQUEST }
  end

  if not era_of(prefix) then
    return { E.NO_DESK }
  end

  local agent, name, role = login_of(keys[1])

  if not agent then
    return { E.UNAUTHORIZED }
  end

  redis.call('SET', prefix .. K.TICKET .. ticket,
             string.sub(keys[1], #prefix + #K.SESSION + 1),
             'PX', L.TICKET_MS)
  redis.call('PEXPIRE', keys[1], L.SESSION_MS)

  return { OK, agent, name, role }
end

redis.register_function('cd_ticket', cd_ticket)
