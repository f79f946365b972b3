import { RedisScript } from '@seam/persistence/redis';

/**
 * Commits a batch in one atomic step: nothing is written unless all values read are unchanged, none of its messages was
 * handled before, and no other process holds the commit lock.
 *
 * KEYS  the commit lock; the outbox's five keys; the keys that were read; all other keys
 * ARGV  the committer's id; how long to hold the lock if this fails, ms, or 0; the lifetime of a mark, s; the lease of an
 *       entry, ms;
 *       the number of keys that were read, and the value expected for each, '' for none;
 *       then these lists. Each begins with its length, and names keys by their index in KEYS:
 *       sets of marks: key, number of marks to set, number of marks to check only, and the marks;
 *       sets: key, value; sets that expire: key, value, ms;
 *       additions to a sorted set: key, count, and that many scores and members; removals: key, count, members;
 *       outbox entries: id, messages, their number, the time until which they are delayed, ms, or '';
 *       and, only if one of them is not empty:
 *       cancellations: their number, and for each the set of the messages to cancel;
 *       entries that can be cancelled: their number, and for each its set, its id, and the time until which it is kept, ms;
 *       entries with a key, without a length: their four keys, then for each its id and key, and the message
 *
 * Returns ['done'], ['wait'] if another process holds the lock, or ['again', the marks that exist, the current values].
 */
const LUA = `
local FIRST, SLICE = 6, 500
local redis, ARGV, KEYS, tonumber = redis, ARGV, KEYS, tonumber
local me, lockMs, keep, lease, reads = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local at = 5

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= me then return {'wait'} end

local stale, found = false, {}
for from = 1, reads, SLICE do
  local values = redis.call('MGET', unpack(KEYS, FIRST + from, FIRST + math.min(from + SLICE - 1, reads)))
  for i = 1, #values do
    local value = values[i]
    found[from + i - 1] = value
    if (value or '') ~= ARGV[at + i] then stale = true end
  end
  at = at + #values
end

local function slice(from, to) return from, math.min(from + SLICE - 1, to) end

local seen, marks = {}, at + 1
at = marks
for _ = 1, tonumber(ARGV[marks]) do
  local key, last = KEYS[tonumber(ARGV[at + 1])], at + 3 + tonumber(ARGV[at + 2]) + tonumber(ARGV[at + 3])
  for from = at + 4, last, SLICE do
    local first, to = slice(from, last)
    local present = redis.call('SMISMEMBER', key, unpack(ARGV, first, to))
    for i = 1, #present do
      if present[i] == 1 then seen[#seen + 1] = ARGV[first + i - 1] end
    end
  end
  at = last
end

if stale or #seen > 0 then
  if stale and lockMs > 0 then redis.call('SET', KEYS[1], me, 'PX', lockMs) end
  return {'again', seen, found}
end
if holder then redis.call('DEL', KEYS[1]) end

at = marks
for _ = 1, tonumber(ARGV[marks]) do
  local key, setting, checking = KEYS[tonumber(ARGV[at + 1])], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  at = at + 3
  for from = at + 1, at + setting, SLICE do redis.call('SADD', key, unpack(ARGV, slice(from, at + setting))) end
  if setting > 0 then redis.call('EXPIRE', key, keep) end
  at = at + setting + checking
end

at = at + 1
local sets = {}
for i = 1, tonumber(ARGV[at]) do
  sets[#sets + 1] = KEYS[tonumber(ARGV[at + 1])]
  sets[#sets + 1] = ARGV[at + 2]
  at = at + 2
  if #sets >= SLICE then redis.call('MSET', unpack(sets)) sets = {} end
end
if #sets > 0 then redis.call('MSET', unpack(sets)) end

at = at + 1
for _ = 1, tonumber(ARGV[at]) do
  redis.call('SET', KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2], 'PX', ARGV[at + 3])
  at = at + 3
end

local function members(command, each)
  at = at + 1
  for _ = 1, tonumber(ARGV[at]) do
    local key, last = KEYS[tonumber(ARGV[at + 1])], at + 2 + each * tonumber(ARGV[at + 2])
    for from = at + 3, last, SLICE do redis.call(command, key, unpack(ARGV, slice(from, last))) end
    at = last
  end
end
members('ZADD', 2)
members('ZREM', 1)

local entries = at + 1
at = entries + 4 * tonumber(ARGV[entries]) + 1
if ARGV[at] then
  -- First, so that nothing of this commit is cancelled.
  for i = at + 1, at + tonumber(ARGV[at]) do
    local set = KEYS[tonumber(ARGV[i])]
    for _, id in ipairs(redis.call('SMEMBERS', set)) do
      local size = redis.call('HGET', KEYS[5], id)
      if size then
        redis.call('HDEL', KEYS[2], id)
        redis.call('ZREM', KEYS[3], id)
        redis.call('ZREM', KEYS[4], id)
        redis.call('HDEL', KEYS[5], id)
        redis.call('DECRBY', KEYS[6], size)
      end
    end
    redis.call('DEL', set)
  end
  at = at + tonumber(ARGV[at]) + 1
  for _ = 1, tonumber(ARGV[at]) do
    local set = KEYS[tonumber(ARGV[at + 1])]
    redis.call('SADD', set, ARGV[at + 2])
    if redis.call('PEXPIRETIME', set) < tonumber(ARGV[at + 3]) then redis.call('PEXPIREAT', set, ARGV[at + 3]) end
    at = at + 3
  end
end
local ordered = at

at = entries
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _ = 1, tonumber(ARGV[at]) do
  local id, size, notBefore = ARGV[at + 1], ARGV[at + 3], ARGV[at + 4]
  local since = notBefore == '' and now or tonumber(notBefore)
  redis.call('HSET', KEYS[2], id, ARGV[at + 2])
  redis.call('ZADD', KEYS[3], notBefore == '' and now + lease or since, id)
  redis.call('ZADD', KEYS[4], since, id)
  redis.call('HSET', KEYS[5], id, size)
  redis.call('INCRBY', KEYS[6], size)
  at = at + 4
end

at = ordered
if ARGV[at + 1] then
  local ordered, messages, last = KEYS[tonumber(ARGV[at + 1])], KEYS[tonumber(ARGV[at + 2])], KEYS[tonumber(ARGV[at + 4])]
  for i = at + 5, #ARGV, 2 do
    redis.call('ZADD', ordered, redis.call('INCR', last), ARGV[i])
    redis.call('HSET', messages, ARGV[i], ARGV[i + 1])
  end
end
return {'done'}
`;

export const commitScript = new RedisScript(LUA);
