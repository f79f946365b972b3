import { type Message, newId } from '@seam/kernel';
import { isDuplicateKey, type MongoCollection, type MongoDatabase, type MongoModel } from '@seam/persistence/mongodb';
import { entryFrom, jsonIn } from '../envelope.js';
import { Outbox, type OutboxEntry } from '../outbox.js';
import { COMMITS, type CommitDocument, type DelayedMessage, type OutboxDocument, outboxModel } from './collections.js';
import { MongoCancellations } from './mongo-cancellations.js';
import { MongoOrderedOutbox } from './mongo-ordered-outbox.js';

export interface MongoOutboxOptions {
  /** Lease: how long only the process that commits or sweeps may send its messages, ms. Default 30 s. */
  readonly leaseMs?: number;
}

/**
 * The outbox in MongoDB. A commit's messages stay in its document until the receivers have them; delayed messages are moved
 * to a document each, right after the commit, or later by a sweep.
 */
export class MongoOutbox extends Outbox {
  override readonly ordered: MongoOrderedOutbox;
  readonly #cancellations: MongoCancellations;
  readonly #leaseMs: number;
  readonly #commits: MongoCollection<CommitDocument>;
  readonly #alone: MongoModel<OutboxDocument>;
  /**
   * The same collection without mongoose: this is on the hot path, and documents must not be left out because they are
   * damaged.
   */
  readonly #added: MongoCollection<OutboxDocument>;

  constructor(database: Pick<MongoDatabase, 'collection' | 'model'>, { leaseMs = 30_000 }: MongoOutboxOptions = {}) {
    super();
    this.#leaseMs = leaseMs;
    this.ordered = new MongoOrderedOutbox(database, leaseMs);
    this.#cancellations = new MongoCancellations(database);
    this.#commits = database.collection<CommitDocument>(COMMITS);
    this.#alone = database.model(outboxModel);
    this.#added = database.collection<OutboxDocument>(outboxModel.name);
  }

  /** The end of a lease that begins at this time. */
  leaseFrom(time: Date): Date {
    return new Date(time.getTime() + this.#leaseMs);
  }

  override async markDispatched(ids: readonly string[]): Promise<void> {
    const _id = { $in: [...ids] };
    await Promise.all([
      this.#commits.updateMany({ _id }, { $unset: { messages: '', leasedUntil: '', claim: '' } }),
      this.#alone.run((alone) => alone.deleteMany({ _id })),
    ]);
  }

  override async claim(limit: number): Promise<OutboxEntry[]> {
    await this.#cancellations.apply();
    const now = new Date();
    const alone = await this.#claimAlone(now, limit);
    const commits = alone.length < limit ? await this.#claimCommits(now, limit - alone.length) : [];
    return [...alone, ...commits];
  }

  override async giveBack(ids: readonly string[], afterMs: number): Promise<void> {
    const _id = { $in: [...ids] };
    const leasedUntil = new Date(Date.now() + afterMs);
    await Promise.all([
      this.#commits.updateMany({ _id, leasedUntil: { $exists: true } }, { $set: { leasedUntil } }),
      this.#alone.run((alone) => alone.updateMany({ _id }, { $set: { leasedUntil } })),
    ]);
  }

  override async adopt(): Promise<void> {
    await this.ordered.adopt();
    await this.#commits.updateMany({ leasedUntil: { $exists: true } }, { $set: { leasedUntil: new Date(0) } });
    await this.#alone.run((alone) =>
      alone.updateMany({ leasedUntil: { $exists: true } }, { $unset: { leasedUntil: '' } }),
    );
  }

  override async lag(): Promise<{ waiting: number; oldestSeconds: number }> {
    const now = new Date();
    const [ordered, ofCommits, due] = await Promise.all([
      this.ordered.waiting(),
      this.#commits.find({ leasedUntil: { $exists: true } }, { projection: { messages: 1 } }).toArray(),
      this.#alone.run((alone) => alone.find({ notBefore: { $lte: now } }, { notBefore: 1 }).lean()),
    ]);
    // Messages that cannot be read count, too, until they are set aside.
    const sizeOf = (messages: unknown): number => (Array.isArray(messages) ? messages.length : 1);
    const waiting = ofCommits.reduce((sum, { messages = [] }) => sum + sizeOf(messages), due.length + ordered.count);
    const since = [
      ...ofCommits.map(({ _id }) => timeOf(_id)),
      ...due.map(({ notBefore }) => notBefore.getTime()),
      ordered.oldest ?? Infinity,
    ];
    const oldest = since.reduce((least, time) => (time < least ? time : least), now.getTime());
    return { waiting, oldestSeconds: (now.getTime() - oldest) / 1_000 };
  }

  /**
   * Moves each delayed message of these commits to its own document. If that fails, they stay in their commits, and a
   * sweep moves them when the commits' lease has ended; so errors are not reported.
   */
  async moveDelayed(commits: readonly Pick<CommitDocument, '_id' | 'messages' | 'delayed'>[]): Promise<void> {
    const delaying = commits.filter(({ delayed }) => delayed !== undefined);
    if (delaying.length === 0) return;
    try {
      await this.#addAlone(delaying.flatMap(({ delayed = [] }) => delayed));
      for (const { _id, messages } of delaying) {
        const moved = { delayed: '' } as const;
        const sent = { ...moved, leasedUntil: '', claim: '' } as const;
        await this.#commits.updateOne({ _id }, { $unset: messages === undefined ? sent : moved });
      }
    } catch {
      return;
    }
  }

  /** One that exists already is the same message; one that cannot be read is detected when it is due. */
  async #addAlone(delayed: readonly DelayedMessage[]): Promise<void> {
    const documents = delayed.map((each) => ({
      _id: (jsonIn(each.message) as Partial<Message> | null)?.id ?? newId(),
      ...each,
    }));
    await this.#alone
      .run((alone) => alone.insertMany(documents, { ordered: false }))
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
  }

  async #claimAlone(now: Date, limit: number): Promise<OutboxEntry[]> {
    const free = {
      notBefore: { $lte: now },
      $or: [{ leasedUntil: { $exists: false } }, { leasedUntil: { $lte: now } }],
    };
    const found = await this.#alone.run((alone) =>
      alone.find(free, { _id: 1 }).sort({ notBefore: 1 }).limit(limit).lean(),
    );
    if (found.length === 0) return [];
    const _id = { $in: found.map((each) => each._id) };
    const claim = newId();
    const lease = { leasedUntil: this.leaseFrom(now), claim };
    await this.#alone.run((alone) => alone.updateMany({ _id, ...free }, { $set: lease }));
    const claimed = await this.#alone.run((alone) => alone.find({ _id, claim }).lean());
    const valid = await this.#cancellations.without(claimed);
    return valid.map((each) => entryFrom(each._id, [jsonIn(each.message)]));
  }

  async #claimCommits(now: Date, limit: number): Promise<OutboxEntry[]> {
    const free = { leasedUntil: { $lte: now } };
    const found = await this.#commits
      .find(free, { projection: { _id: 1 } })
      .sort({ leasedUntil: 1 })
      .limit(limit)
      .toArray();
    if (found.length === 0) return [];
    const _id = { $in: found.map((each) => each._id) };
    const claim = newId();
    await this.#commits.updateMany({ _id, ...free }, { $set: { leasedUntil: this.leaseFrom(now), claim } });
    const claimed = await this.#commits.find({ _id, claim }, { projection: { messages: 1, delayed: 1 } }).toArray();
    await this.moveDelayed(claimed);
    return claimed.flatMap(({ _id: id, messages }) =>
      messages === undefined ? [] : [entryFrom(id, listIn(messages))],
    );
  }
}

const listIn = (messages: unknown): unknown => (Array.isArray(messages) ? messages.map(jsonIn) : messages);

/** When a UUID version 7 was made, in ms. */
const timeOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
