-- cd_flow: what a visitor must know of a flow before it starts.
--
-- key     flows
-- takes   flow, language (may be empty), visitor
-- gives   ok, envelope of the `flow` frame, keys of the form that the
--         visitor has answered
-- refuses bad_request, no_desk, no_flow

local function cd_flow(keys, args)
  local prefix = prefix_before(keys[1], K.FLOWS)

  if not prefix or not args[3] then
    return { E.BAD_REQUEST }
  end

  if not era_of(prefix) then
    return { E.NO_DESK }
  end

  local frame, known = flow_of(prefix, args[1], args[2], args[3])

  if frame == '' then
    return { E.NO_FLOW }
  end

  return { OK, frame, known }
end

redis.register_function('cd_flow', cd_flow)
