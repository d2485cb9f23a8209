-- cd_logout: a login ends; its sockets are told.
--
-- key     s:<session key>
-- takes   at
-- gives   ok, also when the login had ended before
-- refuses bad_request, no_desk
--
-- A `kick` with the session key passes on the agent's inbox channel, where
-- every node that holds a socket of this login hears it.

local function cd_logout(keys, args)
  local prefix, at = prefix_of(keys[1]), time_of(args[1])

  if not prefix or not at then
    return { E.BAD_REQUEST }
  end

  if not era_of(prefix) then
    return { E.NO_DESK }
  end

  local agent = login_of(keys[1])

  if not agent then
    return { OK }
  end

  redis.call('DEL', keys[1])
  redis.call('PUBLISH', prefix .. K.INBOX .. agent,
             envelope(T.KICK, 0, 0, at, cmsgpack.pack({
               [F.SESSION_KEY] =
                 string.sub(keys[1], #prefix + #K.SESSION + 1)
             })))

  return { OK }
end

redis.register_function{
  function_name = 'cd_logout', callback = cd_logout,
  flags = { 'allow-oom' }
}
