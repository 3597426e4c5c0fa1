"""What must happen in Redis in one step. Time is the server's own, the same for every hub."""

from __future__ import annotations

_NOW_MS = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

# A table is a hash of values and a sorted set of the times (ms) at which its entries end.
# Redis 7.0 cannot expire one field of a hash, so each put sweeps what has ended; the two keys
# themselves end with their last entry. A sweep is bounded, and Lua cannot unpack much more.
PUT = (
    _NOW_MS
    + """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
local ended = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 1000)
if #ended > 0 then
  redis.call('HDEL', KEYS[1], unpack(ended))
  redis.call('ZREM', KEYS[2], unpack(ended))
end
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
redis.call('PEXPIREAT', KEYS[1], last)
redis.call('PEXPIREAT', KEYS[2], last)
"""
)

# With a second argument only an entry of that value.
DROP = """
if ARGV[2] and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
"""

# Returns key, value, key, value ...
ENTRIES = (
    _NOW_MS
    + """
local living = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf')
local found = {}
for first = 1, #living, 1000 do
  local keys = {unpack(living, first, math.min(first + 999, #living))}
  local values = redis.call('HMGET', KEYS[1], unpack(keys))
  for i = 1, #keys do
    if values[i] then
      found[#found + 1] = keys[i]
      found[#found + 1] = values[i]
    end
  end
end
return found
"""
)

# A counter ends a window after its first event: later events must not prolong it.
HIT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
"""

# A key that has ended meanwhile must not come back without an end.
UNHIT = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
"""

ACQUIRE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""
