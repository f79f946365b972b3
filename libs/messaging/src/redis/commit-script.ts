import { RedisScript } from '@seam/persistence';

/**
 * One commit, as one atomic step: nothing is written unless all that was read is still so, no message of it was handled
 * before, and it is nobody else's turn.
 *
 * KEYS  turn; the outbox's five; those read; the marks, those to set first; those only written
 * ARGV  who commits; ms of the turn to take where it fails, or 0; ms of a mark; ms of an entry's lease;
 *       how many keys are read, marks are looked for, and of these set; the values expected, '' for none;
 *       each of what follows behind its count:
 *       sets: place of the key, value; sets that expire: place, value, ms;
 *       additions to a sorted set: place, count, and so many scores and members; removals: place, count, members;
 *       outbox entries: id, messages, how many these are, ms of its time or ''
 *
 * Answers ['done'], ['wait'], or ['again', the places of marks that were there, the values found].
 */
const LUA = `
local FIRST, SLICE = 6, 500
local at = 0
local function take() at = at + 1 return ARGV[at] end
local function number() return tonumber(take()) end
local me, turn, mark, lease = take(), number(), number(), number()
local reads, marks, marking = number(), number(), number()

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= me then return {'wait'} end

local stale, found = false, {}
for from = 1, reads, SLICE do
  local values = redis.call('MGET', unpack(KEYS, FIRST + from, FIRST + math.min(from + SLICE - 1, reads)))
  for i = 1, #values do
    found[from + i - 1] = values[i]
    if (values[i] or '') ~= take() then stale = true end
  end
end

local seen, before = {}, FIRST + reads
for from = 1, marks, SLICE do
  local to = math.min(from + SLICE - 1, marks)
  if redis.call('EXISTS', unpack(KEYS, before + from, before + to)) > 0 then
    for i = from, to do
      if redis.call('EXISTS', KEYS[before + i]) == 1 then seen[#seen + 1] = i - 1 end
    end
  end
end

if stale or #seen > 0 then
  if stale and turn > 0 then redis.call('SET', KEYS[1], me, 'PX', turn) end
  return {'again', seen, found}
end
if holder then redis.call('DEL', KEYS[1]) end

for i = 1, marking do redis.call('SET', KEYS[before + i], '1', 'PX', mark) end

-- Variadic commands, a slice at a time: more would not fit on Lua's stack.
local function slices(command, head, count, each)
  local args = {}
  for i = 1, count do
    for _ = 1, each do args[#args + 1] = take() end
    if #args >= SLICE or i == count then
      if head then redis.call(command, head, unpack(args)) else redis.call(command, unpack(args)) end
      args = {}
    end
  end
end

local sets = {}
for i = 1, number() do
  sets[#sets + 1] = KEYS[number()]
  sets[#sets + 1] = take()
  if #sets >= SLICE then redis.call('MSET', unpack(sets)) sets = {} end
end
if #sets > 0 then redis.call('MSET', unpack(sets)) end
for _ = 1, number() do
  local key = KEYS[number()]
  redis.call('SET', key, take(), 'PX', number())
end
for _ = 1, number() do
  local key = KEYS[number()]
  slices('ZADD', key, number(), 2)
end
for _ = 1, number() do
  local key = KEYS[number()]
  slices('ZREM', key, number(), 1)
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _ = 1, number() do
  local id, messages, size, notBefore = take(), take(), number(), take()
  local since = notBefore == '' and now or tonumber(notBefore)
  redis.call('HSET', KEYS[2], id, messages)
  redis.call('ZADD', KEYS[3], notBefore == '' and now + lease or since, id)
  redis.call('ZADD', KEYS[4], since, id)
  redis.call('HSET', KEYS[5], id, size)
  redis.call('INCRBY', KEYS[6], size)
end
return {'done'}
`;

export const commitScript = new RedisScript(LUA);
