import { isDuplicateKey, type MongoCollection, type MongoDatabase } from '@seam/persistence/mongodb';
import {
  NAMED_STREAMS,
  type SetAside,
  type SetAsideCount,
  type SetAsideEntry,
  type SetAsideQuery,
  SetAsides,
  setAsideId,
} from '../set-asides.js';
import { type CheckpointDocument, PROJECTIONS, SET_ASIDE, type SetAsideDocument } from './collections.js';

type Live = Readonly<Record<string, unknown>>;

/** The set-aside entries, in a collection. Of a view, only the entries of its current generation are shown. */
export class MongoSetAsides extends SetAsides {
  readonly #collection: MongoCollection<SetAsideDocument>;
  readonly #checkpoints: MongoCollection<CheckpointDocument>;

  constructor(database: Pick<MongoDatabase, 'collection'>) {
    super();
    this.#collection = database.collection<SetAsideDocument>(SET_ASIDE);
    this.#checkpoints = database.collection<CheckpointDocument>(PROJECTIONS);
  }

  override async add(what: string, entries: readonly SetAsideEntry[]): Promise<void> {
    await this.addTo(what, undefined, entries);
  }

  /** Adds entries to a view's generation; `upTo` is the last version of each stream that was left out. */
  async addTo(
    what: string,
    generation: string | undefined,
    entries: readonly (SetAsideEntry & { readonly upTo?: number })[],
  ): Promise<void> {
    if (entries.length === 0) return;
    const since = new Date();
    const operations = entries.map(({ stream, position, reason, upTo = 0 }) => ({
      updateOne: {
        filter: { _id: setAsideId(what, stream, generation) },
        update: {
          $setOnInsert: { what, stream, since, ...(generation === undefined ? {} : { generation }) },
          $set: { position, reason },
          $max: { upTo },
        },
        upsert: true,
      },
    }));
    const write = (): Promise<unknown> => this.#collection.bulkWrite(operations, { ordered: false });
    // Another process has just inserted the same entry: the second attempt updates it.
    await write().catch((error: unknown) => (isDuplicateKey(error) ? write() : Promise.reject(error as Error)));
  }

  override of(what: string): Promise<Pick<SetAside, 'stream' | 'position'>[]> {
    return this.#collection.find({ what }, { projection: { _id: 0, stream: 1, position: 1 } }).toArray();
  }

  /** The streams that a view's generation has left out. */
  async streamsOf(what: string, generation: string): Promise<string[]> {
    const found = this.#collection.find({ what, generation }, { projection: { _id: 0, stream: 1 } });
    return (await found.toArray()).map(({ stream }) => stream);
  }

  /**
   * Records that a stream's events up to this version are left out. Resolves with false if the stream is not set aside
   * (any more), and the events must be applied. It is one update, so a concurrent {@link release} either sees it or
   * happens before it.
   */
  async leaveOut(what: string, generation: string, stream: string, upTo: number): Promise<boolean> {
    const _id = setAsideId(what, stream, generation);
    return (await this.#collection.updateOne({ _id }, { $max: { upTo } })).matchedCount > 0;
  }

  /** Those of these streams that are set aside. */
  async among(what: string, generation: string, streams: readonly string[]): Promise<ReadonlySet<string>> {
    const ids = streams.map((stream) => setAsideId(what, stream, generation));
    const found = await this.#collection.find({ _id: { $in: ids } }, { projection: { stream: 1 } }).toArray();
    return new Set(found.map(({ stream }) => stream));
  }

  /**
   * Deletes the entry of a stream whose events up to this version are all applied; resolves with false if later ones
   * were left out.
   */
  async release(what: string, generation: string, stream: string, upTo: number): Promise<boolean> {
    const _id = setAsideId(what, stream, generation);
    await this.#collection.deleteOne({ _id, upTo: { $lte: upTo } });
    return (await this.#collection.countDocuments({ _id }, { limit: 1 })) === 0;
  }

  /** Deletes the entries of all other generations of a view. */
  async keepOnly(what: string, generation: string): Promise<void> {
    await this.#collection.deleteMany({ what, generation: { $ne: generation } });
  }

  override async remove(what: string, entries: readonly Pick<SetAside, 'stream' | 'position'>[]): Promise<void> {
    if (entries.length === 0) return;
    const operations = entries.map(({ stream, position }) => ({ deleteOne: { filter: { what, stream, position } } }));
    await this.#collection.bulkWrite(operations, { ordered: false });
  }

  override async find(id: string): Promise<SetAside | undefined> {
    const found = await this.#collection.findOne({ ...(await this.#live()), _id: id });
    return found === null ? undefined : setAsideOf(found);
  }

  override async list({ what, after, limit }: SetAsideQuery): Promise<SetAside[]> {
    const filter = {
      ...(await this.#live()),
      ...(what === undefined ? {} : { what }),
      ...(after === undefined
        ? {}
        : { $or: [{ since: { $gt: after.since } }, { since: after.since, _id: { $gt: after.id } }] }),
    };
    const found = this.#collection.find(filter).sort({ since: 1, _id: 1 }).limit(limit).toArray();
    return (await found).map(setAsideOf);
  }

  override async counts(): Promise<SetAsideCount[]> {
    const groups = this.#collection.aggregate<{ _id: string; count: number }>([
      { $match: await this.#live() },
      { $group: { _id: '$what', count: { $sum: 1 } } },
      { $sort: { _id: 1 } },
    ]);
    return Promise.all(
      (await groups.toArray()).map(async ({ _id: what, count }) => {
        const longest = await this.list({ what, limit: NAMED_STREAMS });
        return { what, count, streams: longest.map(({ stream }) => stream) };
      }),
    );
  }

  /** Matches entries that belong to no view, or to the current generation of a view. */
  async #live(): Promise<Live> {
    const checkpoints = await this.#checkpoints.find({}, { projection: { generation: 1 } }).toArray();
    return { generation: { $in: [null, ...checkpoints.map(({ generation }) => generation)] } };
  }
}

const setAsideOf = ({ _id: id, generation: _, upTo: __, ...aside }: SetAsideDocument): SetAside => ({ id, ...aside });
