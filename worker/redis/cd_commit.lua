-- cd_commit: the owner's batch; all of it or nothing.
--
-- key     applied
-- takes   worker, epoch, new applied position (empty: as it was), at,
--         operations (a MessagePack array, see commit_ops.lua)
-- gives   ok
-- refuses bad_request (with the place of the operation at fault), stale
--
-- `stale` means that this worker no longer holds the desk under this epoch.

-- Writes the heads back and gives a closed conversation its end.
local function commit_convs(tx)
  local call = redis.call

  for conv, state in pairs(tx.convs) do
    if state and state.dirty then
      local key = tx.prefix .. K.CONV .. conv

      call('HSET', key, 'v', state.v, 'd', state.d, 't', digits(state.at),
           'e', state.events)

      if state.open ~= '1' then
        local keep = state.keep or call('PTTL', key)

        if keep >= 0 then
          for _, name in ipairs({ K.CONV, K.SIDE_V, K.SIDE_D, K.REG_V,
                                  K.REG_D })
          do
            call('PEXPIRE', tx.prefix .. name .. conv, keep)
          end
        end
      end
    end
  end
end


-- Sets the position and drops the part of the log at and below it.
local function commit_position(prefix, applied)
  local ms, seq = string.match(applied, '^(%d+)%-(%d+)$')

  redis.call('SET', prefix .. K.APPLIED, applied)
  redis.call('XTRIM', prefix .. K.LOG, 'MINID',
             ms .. '-' .. digits(tonumber(seq) + 1))
end


local function cd_commit(keys, args)
  local applied, at = args[3], time_of(args[4])
  local prefix = prefix_before(keys[1], K.APPLIED)

  if not prefix or not at
     or not (applied == '' or string.match(applied, '^%d+%-%d+$'))
  then
    return { E.BAD_REQUEST, 0 }
  end

  if not is_owner(prefix, args[1], args[2]) then
    return { 'stale' }
  end

  local good, ops = pcall(cmsgpack.unpack, args[5])

  if not good or type(ops) ~= 'table' then
    return { E.BAD_REQUEST, 0 }
  end

  for i = 1, #ops do
    if not op_valid(ops[i]) then
      return { E.BAD_REQUEST, i }
    end
  end

  local tx = { prefix = prefix, at = at, convs = {}, out = {} }

  for i = 1, #ops do
    OPS[ops[i][1]][2](tx, ops[i])
  end

  commit_convs(tx)

  if applied ~= '' then
    commit_position(prefix, applied)
  end

  for i = 1, #tx.out, 2 do
    redis.call('PUBLISH', tx.out[i], tx.out[i + 1])
  end

  return { OK }
end

redis.register_function{
  function_name = 'cd_commit', callback = cd_commit,
  flags = { 'allow-oom' }
}
