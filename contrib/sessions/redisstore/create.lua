-- KEYS[1]: the session. ARGV: its end in milliseconds, then fields and values; the value of the
-- first field is nobody else's. Returns 1, or 0 when the key is taken.
if redis.call('EXISTS', KEYS[1]) == 1 then
	-- With that value in it, the client asks again after a lost answer.
	if redis.call('HGET', KEYS[1], ARGV[2]) == ARGV[3] then return 1 end
	return 0
end
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1
