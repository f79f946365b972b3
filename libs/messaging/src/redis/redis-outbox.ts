import { RedisScript } from '@seam/persistence/redis';
import type { Redis } from 'ioredis';
import { entryFrom, jsonIn } from '../envelope.js';
import { Outbox, type OutboxEntry } from '../outbox.js';
import type { RedisKeys } from './redis-keys.js';
import { RedisOrderedOutbox } from './redis-ordered-outbox.js';

// All scripts get the outbox's five keys: entries (hash), due (sorted set: when an entry may be claimed), since (sorted
// set: since when it waits), sizes (hash: its number of messages) and waiting (the number of messages in all entries).

/** Uses the server's clock, because leases are shared by many processes. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

const DISPATCHED = new RedisScript(`
local sizes, gone = redis.call('HMGET', KEYS[4], unpack(ARGV)), 0
for _, size in ipairs(sizes) do gone = gone + (tonumber(size) or 0) end
redis.call('HDEL', KEYS[1], unpack(ARGV))
redis.call('ZREM', KEYS[2], unpack(ARGV))
redis.call('ZREM', KEYS[3], unpack(ARGV))
redis.call('HDEL', KEYS[4], unpack(ARGV))
redis.call('DECRBY', KEYS[5], gone)
`);

const GIVE_BACK = new RedisScript(`${NOW}
for i = 2, #ARGV do redis.call('ZADD', KEYS[2], 'XX', now + tonumber(ARGV[1]), ARGV[i]) end
`);

const CLAIM = new RedisScript(`${NOW}
local ids = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, ARGV[1])
if #ids == 0 then return {ids, ids} end
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[2], now + tonumber(ARGV[2]), id) end
return {ids, redis.call('HMGET', KEYS[1], unpack(ids))}
`);

const LAG = new RedisScript(`${NOW}
local oldest = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'WITHSCORES', 'LIMIT', 0, 1)
-- Each entry with a time of its own holds one message.
local later = redis.call('ZCOUNT', KEYS[3], '(' .. now, '+inf')
return {(tonumber(redis.call('GET', KEYS[5])) or 0) - later, oldest[2] and now - tonumber(oldest[2]) or 0}
`);

/** Maximum number of ids per script call: they must fit on Lua's stack. */
const AT_ONCE = 1_000;

/** The outbox in Redis; the commit script adds its entries. */
export class RedisOutbox extends Outbox {
  override readonly ordered: RedisOrderedOutbox;
  readonly #leaseMs: number;

  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
    { leaseMs = 30_000 }: { readonly leaseMs?: number } = {},
  ) {
    super();
    this.#leaseMs = leaseMs;
    this.ordered = new RedisOrderedOutbox(redis, keys, leaseMs);
  }

  override async markDispatched(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += AT_ONCE) await this.#run(DISPATCHED, ids.slice(at, at + AT_ONCE));
  }

  override async claim(limit: number): Promise<OutboxEntry[]> {
    const values = [Math.min(limit, AT_ONCE), this.#leaseMs];
    const [ids, texts] = (await this.#run(CLAIM, values)) as [string[], (string | null)[]];
    return ids.map((id, index) => entryFrom(id, jsonIn(texts[index])));
  }

  override async giveBack(ids: readonly string[], afterMs: number): Promise<void> {
    for (let at = 0; at < ids.length; at += AT_ONCE)
      await this.#run(GIVE_BACK, [afterMs, ...ids.slice(at, at + AT_ONCE)]);
  }

  override async adopt(): Promise<void> {
    await this.ordered.adopt();
    const [, due, since] = this.keys.outbox;
    await this.redis.zunionstore(due, 1, since);
  }

  override async lag(): Promise<{ waiting: number; oldestSeconds: number }> {
    const [lag, ordered] = await Promise.all([this.#run(LAG, []), this.ordered.waiting()]);
    const [waiting, oldestMs] = lag as [number, number];
    return { waiting: waiting + ordered.count, oldestSeconds: Math.max(oldestMs / 1_000, ordered.oldestSeconds) };
  }

  #run(script: RedisScript, values: readonly (string | number)[]): Promise<unknown> {
    return script.run(this.redis, this.keys.outbox, values);
  }
}
