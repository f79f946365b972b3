import { newId } from '@seam/kernel';
import { redisAnswer, RedisAwayError } from '@seam/persistence';
import type { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cause } from '../committer.js';
import { ConflictError } from '../errors.js';
import { GroupCommitter, type GroupCommitterOptions } from '../group-committer.js';
import { identity, type Ticket } from '../ticket.js';
import type { WorkKind } from '../work.js';
import { commitScript } from './commit-script.js';
import { encodeCommit } from './encode-commit.js';
import { type BatchOptions, type DecidedBatch, decideBatch, missing } from './redis-batch.js';
import type { RedisKeys } from './redis-keys.js';
import type { RedisWorkAdapter } from './work-adapter.js';

export interface RedisCommitterOptions extends GroupCommitterOptions {
  readonly redis: Redis;
  readonly keys: RedisKeys;
  /** How long this process is trusted to send its messages before another may, ms. */
  readonly leaseMs?: number;
}

/** Longer than any message is on its way: one that is sent again after so long would be handled again. */
const MARK_MS = 7 * 24 * 3_600_000;
/** From this try on a batch that meets others asks for a turn. */
const ASKS_FROM = 3;
/** A turn is a round trip long: this is for one whose holder died. */
const TURN_MS = 200;
const ATTEMPTS = 60;
const LONGEST_WAIT_MS = 10;

type Answer = readonly ['done'] | readonly ['wait'] | readonly ['again', readonly number[], readonly (string | null)[]];

/**
 * Group commit on Redis: a batch is one read of what its works rest on, their decisions in memory, and one Lua script,
 * which writes all or nothing. Where another process was faster, the script says what is there now, and the batch is
 * decided again on that; one that meets others too often gets a turn, in which nobody else commits.
 */
export class RedisCommitter extends GroupCommitter {
  readonly #adapters = new Map<WorkKind, RedisWorkAdapter<unknown, unknown>>();
  readonly #me = newId();
  readonly #batch: BatchOptions;

  constructor(private readonly options: RedisCommitterOptions) {
    super(options);
    this.#batch = { service: options.service, keys: options.keys, adapters: this.#adapters };
  }

  /** Says how works of this kind are made; an adapter does so when it is built. */
  register<I, R>(kind: WorkKind<I, R>, adapter: RedisWorkAdapter<I, R>): void {
    this.#adapters.set(kind, adapter);
  }

  protected override async write(batch: readonly Ticket[]): Promise<void> {
    try {
      await this.#commit(batch);
    } catch (error) {
      if (!this.isDefinite(error)) this.rejectAll(batch, error);
      else if (batch.length === 1) await this.refuse(new Map(batch.map((ticket) => [ticket, error])));
      else for (const one of batch) await this.write([one]);
    }
  }

  protected override async seen(causes: readonly Cause[]): Promise<ReadonlySet<string>> {
    const marks = await redisAnswer(this.options.redis.mget(causes.map((cause) => this.options.keys.mark(cause))));
    return new Set(causes.filter((_, index) => marks[index] !== null).map(identity));
  }

  protected override isDefinite(error: unknown): boolean {
    return !(error instanceof RedisAwayError);
  }

  /** Answers every ticket, or rejects with nothing written; or else nobody knows what was. */
  async #commit(batch: readonly Ticket[]): Promise<void> {
    const known = new Map<string, string | null>();
    let left = batch;
    for (let attempt = 1; left.length > 0; attempt += 1) {
      await this.#read(left, known);
      const decided = decideBatch(left, known, this.#batch);
      const [outcome, marked = [], found = []] = await this.#attempt(decided, known, attempt >= ASKS_FROM);
      if (outcome === 'done') { this.#answer(decided); return; }
      const seen = new Set(marked.map((place) => decided.marks[place]?.ticket));
      for (const ticket of seen) ticket?.resolve({ status: 'duplicate' });
      left = left.filter((ticket) => !seen.has(ticket));
      if (attempt === ATTEMPTS) throw new ConflictError('others changed the same again and again');
      if (outcome === 'again') decided.reads.forEach((key, index) => known.set(key, found[index] ?? null));
      else {
        await pause(Math.random() * Math.min(LONGEST_WAIT_MS, attempt));
        known.clear();
      }
    }
  }

  async #read(tickets: readonly Ticket[], known: Map<string, string | null>): Promise<void> {
    for (;;) {
      const keys = missing(tickets, known, this.#batch);
      if (keys.length === 0) return;
      const values = await redisAnswer(this.options.redis.mget(keys));
      keys.forEach((key, index) => known.set(key, values[index] ?? null));
    }
  }

  async #attempt(decided: DecidedBatch, known: ReadonlyMap<string, string | null>, asks: boolean): Promise<Answer> {
    const { redis, keys, leaseMs = 30_000 } = this.options;
    const terms = { keys, me: this.#me, turnMs: asks ? TURN_MS : 0, markMs: MARK_MS, leaseMs };
    const script = encodeCommit(decided, known, terms);
    return (await redisAnswer(commitScript.run(redis, script.keys, script.values))) as Answer;
  }

  #answer({ done, refused, entries }: DecidedBatch): void {
    for (const { ticket, value, ids } of done) ticket.resolve({ status: 'done', value, ids });
    this.handOver(entries);
    // The script has found no mark of theirs.
    for (const [ticket, error] of refused) ticket.reject(error);
  }
}
