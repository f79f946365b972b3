import { RedisScript } from '@seam/persistence/redis';
import type { Redis } from 'ioredis';
import { entryFrom, jsonIn } from '../envelope.js';
import type { OrderedOutbox, OutboxEntry } from '../outbox.js';
import type { RedisKeys } from './redis-keys.js';

// All scripts get the four keys that RedisKeys.ordered names. A member begins with the message's id, of 36 characters.

const ID_LENGTH = 36;
export const memberOf = (id: string, key: string): string => `${id} ${key}`;

/** Walks through all members in their order; a key whose first one is leased is left out, and so are all of its others. */
const CLAIM = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, lease, SLICE = tonumber(ARGV[1]), tonumber(ARGV[2]), 500
local taken, mine, from = {}, {}, 0
while #taken < limit do
  local members = redis.call('ZRANGE', KEYS[1], from, from + SLICE - 1)
  if #members == 0 then break end
  local leases = redis.call('HMGET', KEYS[3], unpack(members))
  for i, member in ipairs(members) do
    local key = string.sub(member, ${ID_LENGTH + 2})
    if mine[key] == nil then mine[key] = not leases[i] or tonumber(leases[i]) <= now end
    if mine[key] and #taken < limit then taken[#taken + 1] = member end
  end
  from = from + SLICE
end
if #taken == 0 then return {taken, taken} end
for _, member in ipairs(taken) do redis.call('HSET', KEYS[3], member, now + lease) end
return {taken, redis.call('HMGET', KEYS[2], unpack(taken))}
`);

/** Finds the members of these ids; their number is small, as is that of all members. */
const MEMBERS = `
local wanted = {}
for i = FIRST, #ARGV do wanted[ARGV[i]] = true end
local found = {}
for _, member in ipairs(redis.call('HKEYS', KEYS[3])) do
  if wanted[string.sub(member, 1, ${ID_LENGTH})] then found[#found + 1] = member end
end
`;

const DISPATCHED = new RedisScript(`
${MEMBERS.replace('FIRST', '1')}
for _, member in ipairs(found) do
  redis.call('ZREM', KEYS[1], member)
  redis.call('HDEL', KEYS[2], member)
  redis.call('HDEL', KEYS[3], member)
end
`);

const GIVE_BACK = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
${MEMBERS.replace('FIRST', '2')}
for _, member in ipairs(found) do redis.call('HSET', KEYS[3], member, now + tonumber(ARGV[1])) end
`);

/** Maximum number of entries per claim: they must fit on Lua's stack. */
const AT_ONCE = 1_000;

/** The messages with a key in Redis; the commit script adds them, so that their positions are the order of the commits. */
export class RedisOrderedOutbox implements OrderedOutbox {
  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly leaseMs: number,
  ) {}

  async claim(limit: number): Promise<OutboxEntry[]> {
    const values = [Math.min(limit, AT_ONCE), this.leaseMs];
    const [members, texts] = (await this.#run(CLAIM, values)) as [string[], (string | null)[]];
    return members.map((member, index) => ({
      ...entryFrom(member.slice(0, ID_LENGTH), [jsonIn(texts[index])]),
      key: member.slice(ID_LENGTH + 1),
    }));
  }

  async markDispatched(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#run(DISPATCHED, ids);
  }

  async giveBack(ids: readonly string[], afterMs: number): Promise<void> {
    if (ids.length > 0) await this.#run(GIVE_BACK, [afterMs, ...ids]);
  }

  async adopt(): Promise<void> {
    await this.redis.unlink(this.keys.ordered[2]);
  }

  async waiting(): Promise<{ count: number; oldestSeconds: number }> {
    const [members] = this.keys.ordered;
    const [count, [first]] = await Promise.all([this.redis.zcard(members), this.redis.zrange(members, 0, 0)]);
    // UUIDs of version 7 begin with their time, in ms.
    const oldest = first === undefined ? Date.now() : Number.parseInt(first.slice(0, 8) + first.slice(9, 13), 16);
    return { count, oldestSeconds: Math.max(0, Date.now() - oldest) / 1_000 };
  }

  #run(script: RedisScript, values: readonly (string | number)[]): Promise<unknown> {
    return script.run(this.redis, this.keys.ordered, values);
  }
}
