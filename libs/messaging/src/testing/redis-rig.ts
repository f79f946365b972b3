import { type Message, newId } from '@seam/kernel';
import { openRedis } from '@seam/persistence/redis';
import type { Redis } from 'ioredis';
import type { AfterCommit } from '../committer.js';
import { ConflictError } from '../errors.js';
import { RedisCommitter } from '../redis/redis-committer.js';
import { RedisDeadLetters } from '../redis/redis-dead-letters.js';
import { RedisKeys } from '../redis/redis-keys.js';
import { RedisOutbox } from '../redis/redis-outbox.js';
import type { RedisWorkAdapter } from '../redis/work-adapter.js';
import { Rejected } from '../work.js';
import { NoteKind, textsOf } from './notes.js';
import type { StoreRig } from './store-rig.js';

/** A note is a key that contains its text. */
const noteAdapter = (keys: RedisKeys): RedisWorkAdapter<string, string> => ({
  reads: (texts) => texts.map((text) => keys.of('note', text)),
  assumes: (texts) => texts.map((text) => [keys.of('note', text), null]),
  decide: (texts, known) => {
    const taken = new Set<string>();
    const results = texts.map((text) => {
      if (text.startsWith('no:')) return new Rejected(new Error(text));
      if (taken.has(text) || known.get(keys.of('note', text)) !== null)
        return new Rejected(new ConflictError(`${text} is taken`));
      taken.add(text);
      return text;
    });
    return { results, writes: Array.from(taken, (text) => ({ type: 'set', key: keys.of('note', text), value: text })) };
  },
});

/** One service's keys in Redis. */
export class RedisRig implements StoreRig {
  readonly outbox: RedisOutbox;
  readonly deadLetters: RedisDeadLetters;

  private constructor(
    readonly redis: Redis,
    readonly keys: RedisKeys,
  ) {
    this.outbox = new RedisOutbox(redis, keys);
    this.deadLetters = new RedisDeadLetters(redis, keys);
  }

  static async open(url: string, keys = new RedisKeys(`test:${newId()}`)): Promise<RedisRig> {
    const silent = (): undefined => undefined;
    return new RedisRig(await openRedis({ url, name: 'test', waitMs: 10_000, log: silent, warn: silent }), keys);
  }

  committer(options: { relay: AfterCommit; batchLimit?: number }): RedisCommitter {
    const { redis, keys } = this;
    const committer = new RedisCommitter({ service: 'test', redis, keys, ...options });
    committer.register(NoteKind, noteAdapter(keys));
    return committer;
  }

  async notes(): Promise<string[]> {
    const prefix = this.keys.of('note', '');
    return (await this.all()).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
  }

  async outboxTexts(): Promise<string[]> {
    const entries = await this.redis.hvals(this.keys.outbox[0]);
    const ordered = await this.redis.hvals(this.keys.ordered[1]);
    return textsOf([...entries, ...ordered].flatMap((text) => JSON.parse(text) as Message | Message[])).sort();
  }

  async putInOutbox(id: string, stored: string): Promise<void> {
    const [entries, due, since, sizes, waiting] = this.keys.outbox;
    await this.redis.multi().hset(entries, id, stored).zadd(due, 0, id).zadd(since, 0, id).exec();
    await this.redis.multi().hset(sizes, id, 1).incrby(waiting, 1).exec();
  }

  async endLeases(): Promise<void> {
    await this.outbox.adopt();
  }

  async clear(): Promise<void> {
    const keys = await this.all();
    if (keys.length > 0) await this.redis.unlink(keys);
  }

  close(): Promise<void> {
    this.redis.disconnect();
    return Promise.resolve();
  }

  /** Every key of the service. */
  async all(): Promise<string[]> {
    const keys: string[] = [];
    const stream = this.redis.scanStream({ match: `{${this.keys.namespace}}:*`, count: 1_000 });
    for await (const found of stream) keys.push(...(found as string[]));
    return [...new Set(keys)];
  }
}
