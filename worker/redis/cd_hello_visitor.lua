-- cd_hello_visitor: a visitor's session begins.
--
-- key     u:<visitor>
-- takes   visitor, session, node, at
-- gives   ok, era, id of the open conversation or empty
-- refuses bad_request, no_desk
--
-- Writes only when there is an open conversation: `online` and the log.

local function cd_hello_visitor(keys, args)
  local visitor, session, node = args[1], args[2], args[3]
  local at = time_of(args[4])
  local prefix = prefix_before(keys[1], K.VISITOR .. visitor)

  if not prefix or not at then
    return { E.BAD_REQUEST }
  end

  local era = era_of(prefix)

  if not era then
    return { E.NO_DESK }
  end

  local conv = open_conv(prefix, keys[1])

  if not conv then
    return { OK, tonumber(era), '' }
  end

  enter(prefix, session, node, 'v', visitor)
  append(prefix, T.ONLINE, 0, at, {
    [F.WHO] = visitor, [F.ROLE] = ROLE.v, [F.SESSION] = session,
    [F.NODE] = node, [F.CONV] = conv
  })

  return { OK, tonumber(era), conv }
end

redis.register_function('cd_hello_visitor', cd_hello_visitor)
