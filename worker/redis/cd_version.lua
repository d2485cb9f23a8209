-- cd_version: which library this is.
--
-- key     desk (any key of the desk)
-- takes   nothing
-- gives   ok, version

local function cd_version()
  return { OK, L.LIBRARY }
end

redis.register_function{
  function_name = 'cd_version', callback = cd_version,
  flags = { 'no-writes', 'allow-stale' }
}
