import type { MongoCollection, MongoDatabase } from '@seam/persistence/mongodb';
import {
  CANCELLATIONS,
  type CancellationDocument,
  COMMITS,
  type CommitDocument,
  type OutboxDocument,
  outboxModel,
} from './collections.js';

/**
 * Cancellations of delayed messages in MongoDB. Each is part of its commit; before a claim takes messages that are due, it
 * applies all that were committed. The last one of each key is kept, for a message that was not moved to a document of its
 * own before its cancellation.
 */
export class MongoCancellations {
  readonly #commits: MongoCollection<CommitDocument>;
  readonly #alone: MongoCollection<OutboxDocument>;
  readonly #cancelled: MongoCollection<CancellationDocument>;

  constructor(database: Pick<MongoDatabase, 'collection'>) {
    this.#commits = database.collection<CommitDocument>(COMMITS);
    this.#alone = database.collection<OutboxDocument>(outboxModel.name);
    this.#cancelled = database.collection<CancellationDocument>(CANCELLATIONS);
  }

  /** Repeating it changes nothing: it only deletes messages of commits before the cancelling one. */
  async apply(): Promise<void> {
    const waiting = { 'cancels.position': { $exists: true } };
    const commits = await this.#commits.find(waiting, { projection: { cancels: 1 } }).toArray();
    if (commits.length === 0) return;
    for (const { key, position } of commits.flatMap(({ cancels = [] }) => cancels)) {
      await this.#cancelled.updateOne({ _id: key }, { $max: { position }, $set: { at: new Date() } }, { upsert: true });
      await this.#alone.deleteMany({ cancelKey: key, position: { $lt: position } });
    }
    await this.#commits.updateMany({ _id: { $in: commits.map(({ _id }) => _id) } }, { $unset: { cancels: '' } });
  }

  /** Those of these messages that were not cancelled; the others are deleted. */
  async without(claimed: readonly OutboxDocument[]): Promise<readonly OutboxDocument[]> {
    const keys = claimed.flatMap(({ cancelKey }) => cancelKey ?? []);
    if (keys.length === 0) return claimed;
    const found = await this.#cancelled.find({ _id: { $in: keys } }).toArray();
    const positions = new Map(found.map(({ _id, position }) => [_id, position]));
    const isCancelled = ({ cancelKey = '', position = Infinity }: OutboxDocument): boolean =>
      position < (positions.get(cancelKey) ?? 0);
    await this.#alone.deleteMany({ _id: { $in: claimed.filter(isCancelled).map(({ _id }) => _id) } });
    return claimed.filter((each) => !isCancelled(each));
  }
}
