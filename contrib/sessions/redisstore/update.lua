-- KEYS[1]: the session; KEYS[2]: its new key, if it gets one. ARGV: its end in milliseconds, how
-- many fields are set, a channel and what to tell there (no channel: nothing), the fields that are
-- set with their values, and the fields that are removed.
-- Returns 1, 0 when the session is gone, or -1 when the new key is taken.
local key = KEYS[1]
if ARGV[3] ~= '' then redis.call('PUBLISH', ARGV[3], ARGV[4]) end -- arrives when the script is done
if #KEYS == 2 then
	local old, new = redis.call('EXISTS', KEYS[1]), redis.call('EXISTS', KEYS[2])
	if old == 1 and new == 1 then return -1 end
	if old == 1 then redis.call('RENAME', KEYS[1], KEYS[2]) end
	key = KEYS[2] -- that the new key alone is there means that the client asks again after a lost answer
end
if redis.call('EXISTS', key) == 0 then return 0 end
local last = 4 + 2 * tonumber(ARGV[2])
for i = 5, last, 2 do redis.call('HSET', key, ARGV[i], ARGV[i + 1]) end
for i = last + 1, #ARGV do redis.call('HDEL', key, ARGV[i]) end
redis.call('PEXPIREAT', key, ARGV[1])
return 1
