import { isDuplicateKey, type MongoCollection, type MongoDatabase } from '@seam/persistence';
import { EVENT_COMMITS, EVENT_ORDER, type EventCommit, type OrderDocument, placeOf, slotOf } from './collections.js';

/** The most commits of one piece. */
const PIECE = 1_000;

type Unplaced = Pick<EventCommit, '_id' | 'slots'>;

/**
 * Gives commits their place in the order of all events, after they are durable: what commits late comes later, and
 * nothing is skipped. The order is a log of its own, in pieces numbered without a gap. The number is the lock: whoever
 * writes piece n has seen every piece before it and taken its commits off the list of the unplaced, so a second one
 * that was about to write the same commits finds n taken. Any number of processes may do so at once; one that dies in
 * between has placed its commits or not, and the next one clears up after it.
 */
export class EventOrder {
  readonly #commits: MongoCollection<EventCommit>;
  readonly #order: MongoCollection<OrderDocument>;
  /** The last piece whose commits are known to be off the list. */
  #cleared = 0;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(database: Pick<MongoDatabase, 'collection'>) {
    this.#commits = database.collection<EventCommit>(EVENT_COMMITS);
    this.#order = database.collection<OrderDocument>(EVENT_ORDER);
  }

  /** Resolves when every commit that was durable before the call has its place. Calls at the same time share the work. */
  place(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const placing = this.#place();
      this.#running = placing.catch(() => undefined);
      return placing;
    });
    return this.#next;
  }

  /** The pieces from this number on. */
  from(number: number): AsyncIterable<OrderDocument> {
    return this.#order.find({ _id: { $gte: number } }, { batchSize: 10 }).sort({ _id: 1 });
  }

  async #place(): Promise<void> {
    for (;;) {
      // As the primary has it, durable on the others or not: what is written on top of it comes after it there, too.
      const [last] = await this.#order.find({}, LOCAL).sort({ _id: -1 }).limit(1).toArray();
      if (last !== undefined) await this.#clear(last);
      const found = await this.#commits
        .find({ unplaced: true }, { ...LOCAL, projection: { slots: 1 } })
        .limit(PIECE)
        .toArray();
      if (found.length === 0) return;
      const piece = { _id: (last?._id ?? 0) + 1, commits: inOrder(await this.#withPredecessors(found)) };
      try {
        await this.#order.insertOne(piece);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        continue; // By another process: what it has placed is off the list when its piece is cleared.
      }
      await this.#clear(piece);
      if (found.length < PIECE) return;
    }
  }

  /** Takes a piece's commits off the list of the unplaced. */
  async #clear({ _id, commits }: OrderDocument): Promise<void> {
    if (_id <= this.#cleared) return;
    await this.#commits.updateMany({ _id: { $in: [...commits] }, unplaced: true }, { $unset: { unplaced: '' } });
    this.#cleared = _id;
  }

  /** Also those that come before them in a stream and were not found: a look is not one moment. */
  async #withPredecessors(found: readonly Unplaced[]): Promise<Unplaced[]> {
    const all = new Map(found.map((one) => [one._id, one]));
    let latest: readonly Unplaced[] = found;
    while (latest.length > 0) {
      const taken = new Set([...all.values()].flatMap(({ slots = [] }) => slots));
      const missing = latest.flatMap(predecessorsOf).filter((slot) => !taken.has(slot));
      if (missing.length === 0) break;
      latest = await this.#commits
        .find({ slots: { $in: missing }, unplaced: true }, { ...LOCAL, projection: { slots: 1 } })
        .toArray();
      for (const one of latest) all.set(one._id, one);
    }
    return [...all.values()];
  }
}

const LOCAL = { readConcern: { level: 'local' } } as const;

/** The slots right before those a commit takes, of whatever commit. */
const predecessorsOf = ({ slots = [] }: Unplaced): string[] =>
  slots
    .map(placeOf)
    .filter(({ version }) => version > 1)
    .map(({ stream, version }) => slotOf(stream, version - 1));

/** By age, but each after those it follows in a stream, whatever the clocks that made their ids say. */
function inOrder(commits: readonly Unplaced[]): string[] {
  const byAge = [...commits].sort((a, b) => (a._id < b._id ? -1 : 1));
  const takenBy = new Map(byAge.flatMap((one) => (one.slots ?? []).map((slot) => [slot, one] as const)));
  const ordered = new Set<string>();
  const entered = new Set<string>();
  const visit = (one: Unplaced): void => {
    if (entered.has(one._id)) return;
    entered.add(one._id);
    for (const slot of predecessorsOf(one)) {
      const before = takenBy.get(slot);
      if (before !== undefined) visit(before);
    }
    ordered.add(one._id);
  };
  for (const one of byAge) visit(one);
  return [...ordered];
}
