import { type Message, newId } from '@seam/kernel';
import { isDuplicateKey, type MongoCollection, type MongoDatabase } from '@seam/persistence/mongodb';
import { entryFrom, jsonIn } from '../envelope.js';
import type { OrderedOutbox, OutboxEntry } from '../outbox.js';
import {
  COMMITS,
  type CommitDocument,
  ORDERED,
  type OrderedDocument,
  POSITIONS,
  type Positions,
} from './collections.js';

/**
 * The messages with a key in MongoDB. Each stays in its commit until a claim moves it to a document of its own: a claim first
 * moves all, so that it misses none of an earlier commit, whichever process has made that.
 */
export class MongoOrderedOutbox implements OrderedOutbox {
  readonly #commits: MongoCollection<CommitDocument>;
  readonly #ordered: MongoCollection<OrderedDocument>;
  readonly #positions: MongoCollection<Positions>;

  constructor(
    database: Pick<MongoDatabase, 'collection'>,
    private readonly leaseMs: number,
  ) {
    this.#commits = database.collection<CommitDocument>(COMMITS);
    this.#ordered = database.collection<OrderedDocument>(ORDERED);
    this.#positions = database.collection<Positions>(POSITIONS);
  }

  /**
   * The first of so many positions, for a commit that is decided and not written yet: what it has seen has a lower one, and
   * what it conflicts with is decided again, and gets another.
   */
  async positions(count: number): Promise<number> {
    const filter = { _id: ORDERED } as const;
    const drawn = await this.#positions.findOneAndUpdate(
      filter,
      { $inc: { last: count } },
      { upsert: true, returnDocument: 'after' },
    );
    return (drawn?.last ?? count) - count + 1;
  }

  async claim(limit: number): Promise<OutboxEntry[]> {
    await this.#moveAll();
    const now = new Date();
    const free = { $or: [{ leasedUntil: { $exists: false } }, { leasedUntil: { $lte: now } }] };
    const heads = await this.#ordered
      .aggregate<{ head: OrderedDocument }>([
        { $sort: { key: 1, position: 1 } },
        {
          $group: {
            _id: '$key',
            head: { $first: { _id: '$_id', position: '$position', leasedUntil: '$leasedUntil' } },
          },
        },
        { $match: { $or: [{ 'head.leasedUntil': { $exists: false } }, { 'head.leasedUntil': { $lte: now } }] } },
        { $sort: { 'head.position': 1 } },
        { $limit: limit },
      ])
      .toArray();
    if (heads.length === 0) return [];
    const claim = newId();
    const lease = { leasedUntil: new Date(now.getTime() + this.leaseMs), claim };
    const _id = { $in: heads.map(({ head }) => head._id) };
    await this.#ordered.updateMany({ _id, ...free }, { $set: lease });
    const taken = await this.#ordered.find({ _id, claim }, { projection: { key: 1 } }).toArray();
    const key = { $in: taken.map((each) => each.key) };
    // Those behind the first are taken whatever their lease is, so that there is no gap.
    const run = await this.#ordered.find({ key }).sort({ position: 1 }).limit(limit).toArray();
    await this.#ordered.updateMany({ _id: { $in: run.map((each) => each._id) } }, { $set: lease });
    return run.map((each) => ({ ...entryFrom(each._id, [jsonIn(each.message)]), key: each.key }));
  }

  async markDispatched(ids: readonly string[]): Promise<void> {
    await this.#ordered.deleteMany({ _id: { $in: [...ids] } });
  }

  async giveBack(ids: readonly string[], afterMs: number): Promise<void> {
    const leasedUntil = new Date(Date.now() + afterMs);
    await this.#ordered.updateMany({ _id: { $in: [...ids] } }, { $set: { leasedUntil } });
  }

  async adopt(): Promise<void> {
    await this.#ordered.updateMany({ leasedUntil: { $exists: true } }, { $unset: { leasedUntil: '' } });
  }

  async waiting(): Promise<{ count: number; oldest: number | undefined }> {
    const inCommits = await this.#commits
      .find({ 'ordered.position': { $exists: true } }, { projection: { 'ordered.message': 1 } })
      .toArray();
    const moved = await this.#ordered.find({}, { projection: { message: 1 } }).toArray();
    const times = [...inCommits.flatMap(({ ordered = [] }) => ordered), ...moved].map(({ message }) =>
      Date.parse((jsonIn(message) as Partial<Message> | null)?.at ?? ''),
    );
    const oldest = times.reduce((least, time) => (time < least ? time : least), Infinity);
    return { count: times.length, oldest: oldest === Infinity ? undefined : oldest };
  }

  /** One that another claim has moved, too, exists already; if it is sent again, its receivers recognise it. */
  async #moveAll(): Promise<void> {
    const ordered = { 'ordered.position': { $exists: true } };
    const commits = await this.#commits.find(ordered, { projection: { ordered: 1 } }).toArray();
    if (commits.length === 0) return;
    const documents = commits.flatMap((commit) =>
      (commit.ordered ?? []).map(({ key, position, message }): OrderedDocument => {
        const id = (jsonIn(message) as Partial<Message> | null)?.id ?? newId();
        return { _id: id, key, position, message };
      }),
    );
    await this.#ordered.insertMany(documents, { ordered: false }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
    await this.#commits.updateMany({ _id: { $in: commits.map(({ _id }) => _id) } }, { $unset: { ordered: '' } });
  }
}
