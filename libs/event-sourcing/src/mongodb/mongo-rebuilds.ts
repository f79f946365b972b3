import { newId } from '@seam/kernel';
import { isDuplicateKey, type MongoCollection, type MongoDatabase } from '@seam/persistence/mongodb';
import { type RebuildProgress, RebuildRunningError, Rebuilds, type TellProgress } from '../rebuilds.js';
import { type RebuildDocument, REBUILDS } from './collections.js';

const ONE = 'read-models';

/**
 * Uses a lease on one document, which is renewed while the rebuild runs. If its process dies, another rebuild may begin
 * when the lease has expired. If a process was frozen for longer than the lease, two rebuilds may run at once; this
 * does no harm, because each builds a generation of its own.
 */
export class MongoRebuilds extends Rebuilds {
  readonly #collection: MongoCollection<RebuildDocument>;

  constructor(
    database: Pick<MongoDatabase, 'collection'>,
    private readonly leaseMs = 15_000,
  ) {
    super();
    this.#collection = database.collection<RebuildDocument>(REBUILDS);
  }

  override async run<T>(work: (tell: TellProgress) => Promise<T>): Promise<T> {
    const owner = newId();
    await this.#take(owner);
    let reached: { readModel: string; events: number } | undefined;
    // If one renewal fails, the next one compensates for it: the lease is long enough for several failures.
    const renewing = setInterval(() => {
      this.#collection
        .updateOne({ _id: ONE, owner }, { $set: { ...reached, leasedUntil: this.#leased() } })
        .catch(() => undefined);
    }, this.leaseMs / 30);
    try {
      return await work((readModel, events) => (reached = { readModel, events }));
    } finally {
      clearInterval(renewing);
      await this.#collection.deleteOne({ _id: ONE, owner }).catch(() => undefined);
    }
  }

  override async running(): Promise<RebuildProgress | undefined> {
    const found = await this.#collection.findOne({ _id: ONE, leasedUntil: { $gt: new Date() } });
    return found === null ? undefined : progressOf(found);
  }

  async #take(owner: string): Promise<void> {
    const mine = { owner, since: new Date(), readModel: '', events: 0, leasedUntil: this.#leased() };
    try {
      await this.#collection.insertOne({ _id: ONE, ...mine });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const overdue = { _id: ONE, leasedUntil: { $lt: new Date() } };
      if ((await this.#collection.updateOne(overdue, { $set: mine })).matchedCount > 0) return;
      const other = await this.#collection.findOne({ _id: ONE });
      // Not found: that rebuild has just ended.
      if (other === null) return this.#take(owner);
      throw new RebuildRunningError(progressOf(other));
    }
  }

  #leased(): Date {
    return new Date(Date.now() + this.leaseMs);
  }
}

const progressOf = ({ since, readModel, events }: RebuildDocument): RebuildProgress => ({ since, readModel, events });
