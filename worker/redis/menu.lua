-- Menus: offered in a message, settled once by another one.
--
-- Purpose:    which message picks what; also for clients that show no menus,
--             where the words of an answer are all that comes.
-- Owner:      cd_post; the arguments are its own.
-- Invariants: a menu is settled by the message that is stored, once; what has
--             not been settled by it is an ordinary message.
--
-- q:<message id> has the options, a line each, or MENU_SETTLED; `q` has the
-- ids of the newest L.MENUS, a space behind each; MENU_PLAIN is there where
-- the conversation's channel has no menus.

local MENU = 'q:'
local MENUS = 'q'
local MENU_SETTLED = '-\n'
local MENU_PLAIN = 'p'
local MENU_ANSWER = 4 * L.LIST_ITEM + 64      -- bytes; longer ones are none


-- A menu or a pick that makes no sense or comes from the wrong side.
local function menu_refuse(args)
  local offers, picks = args[10] ~= '', (args[11] or '') ~= ''

  if (offers and args[3] ~= 'a') or (picks and args[3] ~= 'v') then
    return { E.FORBIDDEN }
  end

  if offers and (args[8] == '1' or picks) then
    return { E.BAD_REQUEST }
  end

  return nil
end


-- Whether the message may pick its text from the menu that it names.
local function menu_pick_refuse(key, args)
  local menu, text = redis.call('HGET', key, MENU .. args[11]),
                     args[12] or ''

  if not menu then
    return { E.NOT_FOUND }
  end

  if menu == MENU_SETTLED then
    return { E.SETTLED }
  end

  if string.find(text, '\n', 1, true)
     or not string.find('\n' .. menu .. '\n', '\n' .. text .. '\n', 1, true)
  then
    return { E.BAD_REQUEST, 'text' }
  end

  return nil
end


-- Settles the menu that was picked from; opens one that is offered, and
-- forgets the oldest when there are too many.
local function menu_note(key, args, k)
  if (args[11] or '') ~= '' then
    redis.call('HSET', key, MENU .. args[11], MENU_SETTLED)
    return
  end

  if args[10] == '' then
    return
  end

  local mid = args[4] .. '.' .. digits(k)
  local mids = redis.call('HGET', key, MENUS) or ''
  local _, count = string.gsub(mids, ' ', '')

  mids = mids .. mid .. ' '

  if count >= L.MENUS then
    local oldest, rest = string.match(mids, '^(%S+) (.*)$')

    redis.call('HDEL', key, MENU .. oldest)
    mids = rest
  end

  redis.call('HSET', key, MENUS, mids, MENU .. mid, args[10])
end


-- UTF-8 of one letter, moved by so many bytes of its last block.
local function menu_shift(lead, by)
  return function(letter)
    return lead .. string.char(string.byte(letter, 2) + by)
  end
end

-- What is alike in an answer: spaces around it, capital and small letters
-- (ASCII, Latin-1, Greek, Cyrillic), Arabic digits.
local MENU_FOLDS = {
  { '\195[\128-\150\152-\158]', menu_shift('\195', 32) },
  { '\206[\145-\159]', menu_shift('\206', 32) },
  { '\206[\160-\169]', menu_shift('\207', -32) },
  { '\208[\144-\159]', menu_shift('\208', 32) },
  { '\208[\160-\175]', menu_shift('\209', -32) },
  { '\208[\128-\143]', menu_shift('\209', 16) },
  { '\217[\160-\169]', function(digit)
      return string.char(string.byte(digit, 2) - 112)
    end },
}

local function menu_fold(text)
  text = string.match(string.gsub(text, '\194\160', ' '), '^%s*(.-)%s*$')

  for _, fold in ipairs(MENU_FOLDS) do
    text = string.gsub(text, fold[1], fold[2])
  end

  return string.lower(text)
end


-- The option that an answer means: its words, else its number; nil for none
-- and for words that are those of two options.
local function menu_option(menu, answer)
  local words, options, found = menu_fold(answer), {}, nil

  for option in string.gmatch(menu, '[^\n]+') do
    options[#options + 1] = option

    if option == answer then
      return option
    end
  end

  for _, option in ipairs(options) do
    if menu_fold(option) == words then
      if found then
        return nil
      end
      found = option
    end
  end

  return found or options[tonumber(string.match(words, '^(%d%d?)[.)]?$'))]
end


-- From where no menus are shown: when the message answers the newest menu,
-- and that is open, it becomes the pick that a click would have been.
local function menu_answer(key, args)
  if (args[11] or '') ~= '' then
    return
  end

  local newest = string.match(redis.call('HGET', key, MENUS) or '',
                              '(%S+) $')
  local menu = newest and redis.call('HGET', key, MENU .. newest)

  if not menu or menu == MENU_SETTLED then
    return
  end

  local good, fields = pcall(cmsgpack.unpack, args[9])
  local text = good and type(fields) == 'table' and fields[F.TEXT]

  if type(text) ~= 'string' or #text > MENU_ANSWER then
    return
  end

  local option = menu_option(menu, text)

  if option then
    fields[F.TEXT], fields[F.PICKS] = option, newest
    args[9], args[10] = cmsgpack.pack(fields), ''
    args[11], args[12] = newest, option
  end
end
