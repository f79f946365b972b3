import { idFloor } from '@seam/kernel';
import type { MongoCollection, MongoDatabase } from '@seam/persistence/mongodb';
import type { Marks } from '../housekeeping.js';
import { COMMITS, type CommitDocument, STREAM_VERSIONS } from './collections.js';

/** The inbox marks, which are part of the commits that handled the messages. */
export class MongoInbox implements Marks {
  readonly #commits: MongoCollection<CommitDocument>;

  constructor(database: Pick<MongoDatabase, 'collection'>) {
    this.#commits = database.collection<CommitDocument>(COMMITS);
  }

  /** A commit that contains nothing but its mark is deleted together with it. */
  async forget(before: Date, limit: number): Promise<number> {
    const marked = await this.#commits
      .find({ cause: { $lt: idFloor(before) } }, { projection: { [STREAM_VERSIONS]: 1, leasedUntil: 1 } })
      .limit(limit)
      .toArray();
    const bare = marked.filter((one) => one[STREAM_VERSIONS] === undefined && one.leasedUntil === undefined);
    await this.#commits.updateMany({ _id: { $in: marked.map(({ _id }) => _id) } }, { $unset: { cause: '' } });
    await this.#commits.deleteMany({ _id: { $in: bare.map(({ _id }) => _id) } });
    return marked.length;
  }
}
