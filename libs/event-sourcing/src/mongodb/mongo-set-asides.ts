import { isDuplicateKey, type MongoDatabase, type MongoModel } from '@seam/persistence/mongodb';
import {
  NAMED_STREAMS,
  type SetAside,
  type SetAsideCount,
  type SetAsideEntry,
  type SetAsideQuery,
  SetAsides,
  setAsideId,
} from '../set-asides.js';
import { type CheckpointDocument, checkpointModel, type SetAsideDocument, setAsideModel } from './collections.js';

type Live = Readonly<Record<string, unknown>>;

/** The set-aside entries, in a collection. Of a view, only the entries of its current generation are shown. */
export class MongoSetAsides extends SetAsides {
  readonly #entries: MongoModel<SetAsideDocument>;
  readonly #checkpoints: MongoModel<CheckpointDocument>;

  constructor(database: Pick<MongoDatabase, 'model'>) {
    super();
    this.#entries = database.model(setAsideModel);
    this.#checkpoints = database.model(checkpointModel);
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
    const write = (): Promise<unknown> =>
      this.#entries.run((all) => all.bulkWrite(operations, { ordered: false, throwOnValidationError: true }));
    // Another process has just inserted the same entry: the second attempt updates it.
    await write().catch((error: unknown) => (isDuplicateKey(error) ? write() : Promise.reject(error as Error)));
  }

  override of(what: string): Promise<Pick<SetAside, 'stream' | 'position'>[]> {
    return this.#entries.run((all) => all.find({ what }, { _id: 0, stream: 1, position: 1 }).lean());
  }

  /** The streams that a view's generation has left out. */
  async streamsOf(what: string, generation: string): Promise<string[]> {
    const found = await this.#entries.run((all) => all.find({ what, generation }, { _id: 0, stream: 1 }).lean());
    return found.map(({ stream }) => stream);
  }

  /**
   * Records that a stream's events up to this version are left out. Resolves with false if the stream is not set aside
   * (any more), and the events must be applied. It is one update, so a concurrent {@link release} either sees it or
   * happens before it.
   */
  async leaveOut(what: string, generation: string, stream: string, upTo: number): Promise<boolean> {
    const _id = setAsideId(what, stream, generation);
    return (await this.#entries.run((all) => all.updateOne({ _id }, { $max: { upTo } }))).matchedCount > 0;
  }

  /** Those of these streams that are set aside. */
  async among(what: string, generation: string, streams: readonly string[]): Promise<ReadonlySet<string>> {
    const ids = streams.map((stream) => setAsideId(what, stream, generation));
    const found = await this.#entries.run((all) => all.find({ _id: { $in: ids } }, { stream: 1 }).lean());
    return new Set(found.map(({ stream }) => stream));
  }

  /**
   * Deletes the entry of a stream whose events up to this version are all applied; resolves with false if later ones
   * were left out.
   */
  async release(what: string, generation: string, stream: string, upTo: number): Promise<boolean> {
    const _id = setAsideId(what, stream, generation);
    await this.#entries.run((all) => all.deleteOne({ _id, upTo: { $lte: upTo } }));
    return (await this.#entries.run((all) => all.countDocuments({ _id }, { limit: 1 }))) === 0;
  }

  /** Deletes the entries of all other generations of a view. */
  async keepOnly(what: string, generation: string): Promise<void> {
    await this.#entries.run((all) => all.deleteMany({ what, generation: { $ne: generation } }));
  }

  /** Deletes the entries of one generation of a view. */
  async dropFrom(what: string, generation: string): Promise<void> {
    await this.#entries.run((all) => all.deleteMany({ what, generation }));
  }

  override async remove(what: string, entries: readonly Pick<SetAside, 'stream' | 'position'>[]): Promise<void> {
    if (entries.length === 0) return;
    const operations = entries.map(({ stream, position }) => ({ deleteOne: { filter: { what, stream, position } } }));
    await this.#entries.run((all) => all.bulkWrite(operations, { ordered: false, throwOnValidationError: true }));
  }

  override async find(id: string): Promise<SetAside | undefined> {
    const live = await this.#live();
    const found = await this.#entries.run((all) => all.findOne({ ...live, _id: id }).lean<SetAsideDocument>());
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
    const found = await this.#entries.run((all) => all.find(filter).sort({ since: 1, _id: 1 }).limit(limit).lean());
    return found.map(setAsideOf);
  }

  override async counts(): Promise<SetAsideCount[]> {
    const live = await this.#live();
    const groups = await this.#entries.run((all) =>
      all.aggregate<{ _id: string; count: number }>([
        { $match: live },
        { $group: { _id: '$what', count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ]),
    );
    return Promise.all(
      groups.map(async ({ _id: what, count }) => {
        const longest = await this.list({ what, limit: NAMED_STREAMS });
        return { what, count, streams: longest.map(({ stream }) => stream) };
      }),
    );
  }

  /** Matches entries that belong to no view, or to the current generation of a view. */
  async #live(): Promise<Live> {
    const checkpoints = await this.#checkpoints.run((all) => all.find({}, { generation: 1 }).lean());
    return { generation: { $in: [null, ...checkpoints.map(({ generation }) => generation)] } };
  }
}

const setAsideOf = ({ _id: id, generation: _, upTo: __, ...aside }: SetAsideDocument): SetAside => ({ id, ...aside });
