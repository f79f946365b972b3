import { newId } from '@seam/kernel';
import { StoreAwayError } from '@seam/persistence';
import type { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cause } from '../committer.js';
import { ConflictError } from '../errors.js';
import { GroupCommitter, type GroupCommitterOptions } from '../group-committer.js';
import { identity, type PendingWork } from '../pending-work.js';
import { SendingKind, type WorkKind } from '../work.js';
import { commitScript } from './commit-script.js';
import { encodeCommit } from './encode-commit.js';
import { RecentValues } from './recent-values.js';
import { assumedBy, batchOf, type DecidedBatch, decideBatch, readsOf, type RedisBatch } from './redis-batch.js';
import { MARK_SECONDS, type RedisKeys } from './redis-keys.js';
import type { RedisWorkAdapter } from './work-adapter.js';

export interface RedisCommitterOptions extends GroupCommitterOptions {
  readonly redis: Redis;
  readonly keys: RedisKeys;
  /** Lease: how long only this process may send its messages, ms. */
  readonly leaseMs?: number;
}

/** From this attempt on, a batch that conflicts with others asks for the commit lock. */
const LOCKS_FROM = 3;
/** The lock is held for one round trip; this limits it if its holder dies. */
const LOCK_MS = 200;
const ATTEMPTS = 100;
const LONGEST_WAIT_MS = 10;
const REMEMBERED_KEYS = 20_000;

type Known = Map<string, string | null>;
type Answer = readonly ['done'] | readonly ['wait'] | readonly ['again', readonly string[], readonly (string | null)[]];

/**
 * Group commit on Redis: a batch is decided in memory, on the values this process saw last, or else reads first, and is
 * one Lua script, which writes all or nothing. If the values have changed, the script returns the current ones, and the
 * batch is decided again. A batch that conflicts with other processes too often gets a lock, under which no other process
 * commits.
 */
export class RedisCommitter extends GroupCommitter {
  readonly #adapters = new Map<WorkKind, RedisWorkAdapter<unknown, unknown>>();
  readonly #me = newId();
  readonly #recent = new RecentValues(REMEMBERED_KEYS);

  constructor(private readonly options: RedisCommitterOptions) {
    super(options);
    this.register(SendingKind, { reads: () => [], decide: (inputs) => ({ results: inputs, writes: [] }) });
  }

  /** Registers the adapter for works of this kind; adapters call it in their constructors. */
  register<I, R>(kind: WorkKind<I, R>, adapter: RedisWorkAdapter<I, R>): void {
    this.#adapters.set(kind, adapter);
  }

  protected override async write(batch: readonly PendingWork[]): Promise<void> {
    try {
      await this.#commit(batch);
    } catch (error) {
      if (!this.isDefinite(error)) this.rejectAll(batch, error);
      else if (batch.length === 1) await this.refuse(new Map(batch.map((pendingWork) => [pendingWork, error])));
      else for (const one of batch) await this.write([one]);
    }
  }

  protected override async seen(causes: readonly Cause[]): Promise<ReadonlySet<string>> {
    const { redis, keys } = this.options;
    const found = await Promise.all(
      causes.map((cause) => {
        const { key, member } = keys.mark(cause);
        return redis.sismember(key, member);
      }),
    );
    return new Set(causes.filter((_, index) => found[index] === 1).map(identity));
  }

  protected override isDefinite(error: unknown): boolean {
    return !(error instanceof StoreAwayError);
  }

  /** Settles every work, or rejects; then either nothing was written, or that is unknown. */
  async #commit(pendingWorks: readonly PendingWork[]): Promise<void> {
    let batch = batchOf(pendingWorks, this.options.service, this.#adapters);
    const assumed = assumedBy(batch);
    const known: Known = new Map(assumed);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const reads = await this.#read(batch, known, attempt === 1);
      const decided = decideBatch(batch, known);
      const [outcome, seen = [], found = []] = await this.#attempt(decided, reads, known, attempt >= LOCKS_FROM);
      if (outcome === 'done') {
        if (decided.failure !== undefined) throw decided.failure.error;
        this.#answer(decided);
        const read = reads.filter((key) => !assumed.has(key));
        this.#remember(decided, read, known);
        return;
      }
      if (outcome === 'wait') await pause(Math.random() * Math.min(LONGEST_WAIT_MS, attempt));
      for (const [index, value] of found.entries()) known.set(reads[index] ?? '', value);
      if (seen.length > 0) {
        const left = duplicatesOut(batch.pendingWorks, new Set(seen));
        if (left.length === 0) return;
        batch = batchOf(left, this.options.service, this.#adapters);
      }
    }
    throw new ConflictError('other commits changed the same data at every attempt');
  }

  /** Reads the values that are not known yet; resolves with all keys that the batch depends on. */
  async #read(batch: RedisBatch, known: Known, guessing: boolean): Promise<readonly string[]> {
    for (;;) {
      const reads = readsOf(batch, known);
      const unknown = reads.filter((key) => !known.has(key));
      if (unknown.length === 0) return reads;
      const asked = guessing ? unknown.filter((key) => !this.#guess(key, known)) : unknown;
      if (asked.length === 0) continue;
      const values = await this.options.redis.mget(asked);
      asked.forEach((key, index) => known.set(key, values[index] ?? null));
    }
  }

  #guess(key: string, known: Known): boolean {
    const recent = this.#recent.get(key);
    if (recent !== undefined) known.set(key, recent);
    return recent !== undefined;
  }

  async #attempt(decided: DecidedBatch, reads: readonly string[], known: Known, locks: boolean): Promise<Answer> {
    const { redis, keys, leaseMs = 30_000 } = this.options;
    const terms = { keys, me: this.#me, lockMs: locks ? LOCK_MS : 0, markSeconds: MARK_SECONDS, leaseMs };
    const script = encodeCommit(decided, reads, known, terms);
    return (await commitScript.run(redis, script.keys, script.values)) as Answer;
  }

  #answer({ done, refused, entries }: DecidedBatch): void {
    for (const { pendingWork, value, ids } of done) pendingWork.resolve({ status: 'done', value, ids });
    this.handOver(entries);
    // The script found no marks for them, so they are no duplicates.
    for (const [pendingWork, error] of refused) pendingWork.reject(error);
  }

  /** Remembers the current values of the keys read: the next batch may use the same ones. */
  #remember({ writes }: DecidedBatch, read: readonly string[], known: Known): void {
    const values = new Map(read.map((key) => [key, known.get(key) ?? null]));
    for (const write of writes) if (write.type === 'set' && values.has(write.key)) values.set(write.key, write.value);
    for (const [key, value] of values) this.#recent.set(key, value);
  }
}

/** Settles the works that have marks already, and returns the others. */
function duplicatesOut(pendingWorks: readonly PendingWork[], marks: ReadonlySet<string>): readonly PendingWork[] {
  const isSeen = ({ cause }: PendingWork): boolean => cause !== undefined && marks.has(identity(cause));
  for (const pendingWork of pendingWorks.filter(isSeen)) pendingWork.resolve({ status: 'duplicate' });
  return pendingWorks.filter((pendingWork) => !isSeen(pendingWork));
}
