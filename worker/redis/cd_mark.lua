-- cd_mark: how far a member has received and read.
--
-- key     c:<conversation>
-- takes   conversation, person, `v` or `a`, got, read (visitor-side
--         numbers), n (desk side, 0 for none), at
-- gives   ok, and `o` for one who watches
-- refuses bad_request, no_desk, not_found
--
-- Marks only rise, and not beyond the heads.  When got or read rose, the
-- register is renewed and published on both sides; when only n rose (an
-- agent has read a note), the log alone hears of it.  What one who watches
-- has read is nobody's business: `ok`, and nothing is written.

-- The marks as they will stand, and what rose.
local function mark_raise(old, state, got, read, n)
  local seen, done, desk = string.match(old or '0 0 0', '(%d+) (%d+) (%d+)')
  local top = tonumber(state.v)
  local marks = {
    read = math.max(tonumber(done), math.min(read, top)),
    n = math.max(tonumber(desk), math.min(n, tonumber(state.d)))
  }

  marks.got = math.max(tonumber(seen), math.min(got, top), marks.read)
  marks.rose = marks.got > tonumber(seen) or marks.read > tonumber(done)
  marks.any = marks.rose or marks.n > tonumber(desk)

  return marks
end


-- Renews the register on both sides; gives the two frames.
local function mark_store(prefix, conv, person, v, d, at, body)
  local call = redis.call
  local field = T.MARK .. ':' .. person
  local visitor_frame = envelope(T.MARK, v, v, at, body)
  local desk_frame = envelope(T.MARK, d, v, at, body)

  call('HSET', prefix .. K.CONV .. conv, 'v', v, 'd', d)
  call('HSET', prefix .. K.REG_V .. conv, field, visitor_frame)
  call('HSET', prefix .. K.REG_D .. conv, field, desk_frame)

  return visitor_frame, desk_frame
end


local function cd_mark(keys, args)
  local call, key = redis.call, keys[1]
  local conv, person, role = args[1], args[2], args[3]
  local got, read = whole(args[4], UINT_MAX), whole(args[5], UINT_MAX)
  local n, at = whole(args[6], UINT_MAX), time_of(args[7])
  local prefix = prefix_before(key, K.CONV .. conv)

  if not prefix or not got or not read or not n or not at then
    return { E.BAD_REQUEST }
  end

  local values = call('HMGET', key, 'v', 'd', 'm:' .. person,
                      'g:' .. person)

  if values[1] and values[3] == 'o' and role == 'a' then
    return { OK, 'o' }
  end

  if not values[1] or values[3] ~= role then
    return { era_of(prefix) and E.NOT_FOUND or E.NO_DESK }
  end

  local marks = mark_raise(values[4], { v = values[1], d = values[2] },
                           got, read, n)

  if not marks.any then
    return { OK }
  end

  local body = cmsgpack.pack({
    [F.CONV] = conv, [F.WHO] = person, [F.ROLE] = ROLE[role],
    [F.GOT] = marks.got, [F.READ] = marks.read
  })
  local visitor_frame, desk_frame

  if marks.rose then
    visitor_frame, desk_frame = mark_store(prefix, conv, person,
        tonumber(values[1]) + 1, tonumber(values[2]) + 1, at, body)
  end

  call('HSET', key, 'g:' .. person,
       marks.got .. ' ' .. marks.read .. ' ' .. marks.n)
  call('XADD', prefix .. K.LOG, '*', 'e',
       envelope(T.MARK_SET, marks.n, 0, at, body))

  if marks.rose then
    call('PUBLISH', prefix .. K.SIDE_V .. conv, visitor_frame)
    call('PUBLISH', prefix .. K.SIDE_D .. conv, desk_frame)
  end

  return { OK }
end

redis.register_function('cd_mark', cd_mark)
