-- cd_hello_visitor: a visitor's session begins.
--
-- key     u:<visitor>
-- takes   visitor, session, node, at, flow (may be missing), language
-- gives   ok, era, id of the open conversation or empty; with a flow also
--         its envelope (empty: no such flow) and the keys of its form that
--         the visitor has answered
-- refuses bad_request, no_desk
--
-- Writes only when there is an open conversation: `online` and the log.

local function hello_answer(prefix, era, conv, args)
  if not args[5] or args[5] == '' then
    return { OK, tonumber(era), conv }
  end

  local frame, known = flow_of(prefix, args[5], args[6] or '', args[1])

  return { OK, tonumber(era), conv, frame, known }
end


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
    return hello_answer(prefix, era, '', args)
  end

  enter(prefix, session, node, 'v', visitor)
  append(prefix, T.ONLINE, 0, at, {
    [F.WHO] = visitor, [F.ROLE] = ROLE.v, [F.SESSION] = session,
    [F.NODE] = node, [F.CONV] = conv
  })

  return hello_answer(prefix, era, conv, args)
end

redis.register_function('cd_hello_visitor', cd_hello_visitor)
