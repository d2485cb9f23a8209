-- cd_lease: a worker takes, renews, looks at or gives back a desk.
--
-- key     lease
-- takes   worker (a name that no other process bears), time to live (ms; 0
--         gives the lease back); the epoch may follow under which it holds
--         the desk
-- gives   ok, epoch, owner (empty: nobody), ms until the lease runs out
-- refuses bad_request
--
-- The epoch rises with each change of ownership, so a commit that was sent
-- under an earlier ownership is refused, even by the same worker.  A lease
-- that ran out while nobody asked for it has changed no ownership.

local function cd_lease(keys, args)
  local call = redis.call
  local worker, ttl = args[1], time_of(args[2])
  local prefix = prefix_before(keys[1], K.LEASE)

  if not prefix or not ttl or worker == '' then
    return { E.BAD_REQUEST }
  end

  local owner = call('GET', keys[1])
  local epoch = tonumber(call('GET', prefix .. K.EPOCH) or 0)

  if owner == worker and ttl == 0 then
    call('DEL', keys[1])
    return { OK, epoch, '', 0 }
  end

  if owner == worker then
    call('PEXPIRE', keys[1], ttl)
    return { OK, epoch, owner, ttl }
  end

  if owner or ttl == 0 then
    return { OK, epoch, owner or '', owner and call('PTTL', keys[1]) or 0 }
  end

  if epoch == 0 or args[3] ~= digits(epoch) then
    epoch = call('INCR', prefix .. K.EPOCH)
  end
  call('SET', keys[1], worker, 'PX', ttl)

  return { OK, epoch, worker, ttl }
end

redis.register_function{
  function_name = 'cd_lease', callback = cd_lease, flags = { 'allow-oom' }
}
