import { STREAM_VERSIONS } from '@seam/messaging/mongodb';
import { isDuplicateKey, type MongoCollection, type MongoDatabase } from '@seam/persistence/mongodb';
import {
  EVENT_COMMITS,
  EVENT_ORDER,
  type EventCommit,
  type OrderDocument,
  parseStreamVersion,
  streamVersionOf,
  UNSEQUENCED,
} from './collections.js';

/** Maximum number of commits in one segment. */
const SEGMENT_SIZE = 1_000;

type Unsequenced = Pick<EventCommit, '_id' | typeof STREAM_VERSIONS>;

/**
 * Gives commits their position in the order of all events, after they are durable: a commit that becomes visible late
 * comes later in the order, and none is skipped. The order is a log of segments, numbered without gaps. The number is
 * the lock: a process that writes segment n has read every earlier segment and unset the mark of their commits. If two
 * processes are about to write the same commits, the second one finds that segment n exists. Any number of processes
 * may do this at the same time. If a process dies in between, its segment was either written or not, and the next
 * process finishes the rest.
 */
export class EventOrder {
  readonly #commits: MongoCollection<EventCommit>;
  readonly #order: MongoCollection<OrderDocument>;
  /** The last segment whose commits are known to have no mark any more. */
  #cleared = 0;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(database: Pick<MongoDatabase, 'collection'>) {
    this.#commits = database.collection<EventCommit>(EVENT_COMMITS);
    this.#order = database.collection<OrderDocument>(EVENT_ORDER);
  }

  /** Resolves when every commit that was durable before the call is in the order. Concurrent calls share the work. */
  sequence(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const sequencing = this.#sequence();
      this.#running = sequencing.catch(() => undefined);
      return sequencing;
    });
    return this.#next;
  }

  /** The segments from this number on. */
  from(number: number): AsyncIterable<OrderDocument> {
    return this.#order.find({ _id: { $gte: number } }, { batchSize: 10 }).sort({ _id: 1 });
  }

  async #sequence(): Promise<void> {
    for (;;) {
      // Read from the primary, even if it is not replicated yet: whatever is written after it is also replicated after
      // it.
      const [last] = await this.#order.find({}, LOCAL).sort({ _id: -1 }).limit(1).toArray();
      if (last !== undefined) await this.#clear(last);
      const found = await this.#commits
        .find({ [UNSEQUENCED]: true }, { ...LOCAL, projection: { [STREAM_VERSIONS]: 1 } })
        .limit(SEGMENT_SIZE)
        .toArray();
      if (found.length === 0) return;
      const segment = { _id: (last?._id ?? 0) + 1, commits: inOrder(await this.#withPredecessors(found)) };
      try {
        await this.#order.insertOne(segment);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        continue; // Another process wrote it; the next round unsets the mark of its commits first.
      }
      await this.#clear(segment);
      if (found.length < SEGMENT_SIZE) return;
    }
  }

  /** Unsets the mark of a segment's commits. */
  async #clear({ _id, commits }: OrderDocument): Promise<void> {
    if (_id <= this.#cleared) return;
    await this.#commits.updateMany(
      { _id: { $in: [...commits] }, [UNSEQUENCED]: true },
      { $unset: { [UNSEQUENCED]: '' } },
    );
    this.#cleared = _id;
  }

  /** Includes commits that come before them in a stream and were not found: a query is no snapshot. */
  async #withPredecessors(found: readonly Unsequenced[]): Promise<Unsequenced[]> {
    const all = new Map(found.map((one) => [one._id, one]));
    let latest: readonly Unsequenced[] = found;
    while (latest.length > 0) {
      const taken = new Set([...all.values()].flatMap((one) => one[STREAM_VERSIONS] ?? []));
      const missing = latest.flatMap(predecessorsOf).filter((streamVersion) => !taken.has(streamVersion));
      if (missing.length === 0) break;
      latest = await this.#commits
        .find(
          { [STREAM_VERSIONS]: { $in: missing }, [UNSEQUENCED]: true },
          { ...LOCAL, projection: { [STREAM_VERSIONS]: 1 } },
        )
        .toArray();
      for (const one of latest) all.set(one._id, one);
    }
    return [...all.values()];
  }
}

const LOCAL = { readConcern: { level: 'local' } } as const;

/** The stream versions right before those of a commit, whichever commit has them. */
const predecessorsOf = ({ [STREAM_VERSIONS]: streamVersions = [] }: Unsequenced): string[] =>
  streamVersions
    .map(parseStreamVersion)
    .filter(({ version }) => version > 1)
    .map(({ stream, version }) => streamVersionOf(stream, version - 1));

/**
 * By the time in their ids, but each after its predecessors in a stream, even if the clocks that made the ids differ.
 */
function inOrder(commits: readonly Unsequenced[]): string[] {
  const byAge = [...commits].sort((a, b) => (a._id < b._id ? -1 : 1));
  const commitWith = new Map(byAge.flatMap((one) => (one[STREAM_VERSIONS] ?? []).map((text) => [text, one] as const)));
  const ordered = new Set<string>();
  const entered = new Set<string>();
  const visit = (one: Unsequenced): void => {
    if (entered.has(one._id)) return;
    entered.add(one._id);
    for (const streamVersion of predecessorsOf(one)) {
      const before = commitWith.get(streamVersion);
      if (before !== undefined) visit(before);
    }
    ordered.add(one._id);
  };
  for (const one of byAge) visit(one);
  return [...ordered];
}
