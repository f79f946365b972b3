import { newId } from '@seam/kernel';
import { isDuplicateKey, type MongoDatabase, type MongoModel } from '@seam/persistence/mongodb';
import { type RebuildProgress, RebuildRunningError, Rebuilds, type ReportProgress } from '../rebuilds.js';
import { type RebuildDocument, rebuildModel } from './collections.js';

const ONE = 'read-models';

/**
 * Uses a lease on one document, which is renewed while the rebuild runs. If its process dies, another rebuild may begin
 * when the lease has expired. If a process was frozen for longer than the lease, two rebuilds may run at once; this
 * does no harm, because each builds a generation of its own.
 */
export class MongoRebuilds extends Rebuilds {
  readonly #rebuilds: MongoModel<RebuildDocument>;

  constructor(
    database: Pick<MongoDatabase, 'model'>,
    private readonly leaseMs = 15_000,
  ) {
    super();
    this.#rebuilds = database.model(rebuildModel);
  }

  override async run<T>(work: (report: ReportProgress) => Promise<T>): Promise<T> {
    const owner = newId();
    await this.#take(owner);
    let reached: { readModel: string; events: number } | undefined;
    // If one renewal fails, the next one compensates for it: the lease is long enough for several failures.
    const renewing = setInterval(() => {
      const now = { ...reached, leasedUntil: this.#leased() };
      this.#rebuilds.run((all) => all.updateOne({ _id: ONE, owner }, { $set: now })).catch(() => undefined);
    }, this.leaseMs / 30);
    try {
      return await work((readModel, events) => (reached = { readModel, events }));
    } finally {
      clearInterval(renewing);
      await this.#rebuilds.run((all) => all.deleteOne({ _id: ONE, owner })).catch(() => undefined);
    }
  }

  override async running(): Promise<RebuildProgress | undefined> {
    const alive = { _id: ONE, leasedUntil: { $gt: new Date() } };
    const found = await this.#rebuilds.run((all) => all.findOne(alive).lean());
    return found === null ? undefined : progressOf(found);
  }

  async #take(owner: string): Promise<void> {
    const mine = { owner, since: new Date(), readModel: '', events: 0, leasedUntil: this.#leased() };
    try {
      await this.#rebuilds.run((all) => all.insertOne({ _id: ONE, ...mine }));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const overdue = { _id: ONE, leasedUntil: { $lt: new Date() } };
      const taken = await this.#rebuilds.run((all) => all.updateOne(overdue, { $set: mine }));
      if (taken.matchedCount > 0) return;
      const other = await this.#rebuilds.run((all) => all.findOne({ _id: ONE }).lean());
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
