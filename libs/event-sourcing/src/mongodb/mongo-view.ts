import { newId } from '@seam/kernel';
import {
  isDuplicateKey,
  type MongoCollection,
  type MongoDatabase,
  type MongoFilter,
  type MongoModel,
  refusedWrites,
} from '@seam/persistence/mongodb';
import { type Aggregate, type DomainEvent, foldUntilRefused } from '../aggregate.js';
import type { Position, RecordedEvent } from '../event-store.js';
import { byStream, type Refused, refusedIn } from '../projection.js';
import { type CheckpointDocument, checkpointModel } from './collections.js';
import { MongoSetAsides } from './mongo-set-asides.js';

export interface MongoViewOptions<S, E extends DomainEvent> {
  /** The name of its checkpoint, and the prefix of its collections' names. */
  readonly name: string;
  readonly aggregate: Aggregate<S, E>;
  /**
   * 1, 2, 3 … (default 1), kept with its checkpoint. If the code has a higher one than the checkpoint, the view is rebuilt
   * at the start, beside the one of the version before; processes of lower versions then no longer apply events.
   */
  readonly version?: number;
  /** The fields of a row to search by, made from the state. The row has an `_id` in addition. */
  readonly row: (state: S) => Readonly<Record<string, unknown>>;
  readonly indexes: readonly {
    readonly name: string;
    readonly key: Readonly<Record<string, 1 | -1>>;
    sparse?: boolean;
  }[];
}

/** One stream's row: the state after its `version`, and the fields to search by. */
export interface ViewRow<S> {
  readonly _id: string;
  readonly version: number;
  readonly state: S;
  readonly [column: string]: unknown;
}

export interface ViewQuery<S> {
  readonly filter: MongoFilter<ViewRow<S>>;
  readonly sort: Readonly<Record<string, 1 | -1>>;
  readonly limit: number;
}

/** After this time, an incomplete generation is assumed to be left by a process that died, and is dropped, ms. */
const ABANDONED_MS = 3_600_000;

/**
 * A read model with one row per stream. Each generation is a collection; the checkpoint says which one is read, so that
 * a rebuilt generation replaces the old one, together with its checkpoint, by a change of one document.
 *
 * A row contains the version of its stream's last event, and is only ever replaced by a later one. So applying the same
 * events again, by another process or after a crash between rows and checkpoint, has no further effect.
 */
export class MongoView<S, E extends DomainEvent> {
  readonly name: string;
  readonly category: string;
  readonly version: number;
  /** The streams that its generations have left out. */
  readonly asides: MongoSetAsides;
  readonly #checkpoints: MongoModel<CheckpointDocument>;
  readonly #ensured = new Set<string>();

  constructor(
    readonly database: MongoDatabase,
    private readonly options: MongoViewOptions<S, E>,
  ) {
    this.name = options.name;
    this.category = options.aggregate.category;
    this.version = options.version ?? 1;
    this.asides = new MongoSetAsides(database);
    this.#checkpoints = database.model(checkpointModel);
  }

  /** The rows of the current generation. */
  find(query: ViewQuery<S>): Promise<S[]> {
    return this.#find(query);
  }

  async #find({ filter, sort, limit }: ViewQuery<S>): Promise<S[]> {
    let { generation } = await this.checkpoint();
    for (;;) {
      const rows = await this.#rows(generation).find(filter).sort(sort).limit(limit).toArray();
      if (rows.length > 0) return rows.map(({ state }) => state);
      // No rows; or another generation has replaced this one meanwhile, and its collection was dropped.
      const current = await this.checkpoint();
      if (current.generation === generation) return [];
      generation = current.generation;
    }
  }

  /** Counts and sums over the rows of the current generation. */
  async aggregate<R extends object>(pipeline: readonly object[]): Promise<R[]> {
    const { generation } = await this.checkpoint();
    return this.#rows(generation)
      .aggregate<R>(pipeline as object[])
      .toArray();
  }

  async checkpoint(): Promise<CheckpointDocument> {
    const _id = this.name;
    const found = await this.#checkpoints.run((all) => all.findOne({ _id }).lean<CheckpointDocument>());
    if (found !== null) return found;
    // If two processes create the first checkpoint at once, one of them succeeds. It is an update, because an insert by
    // mongoose would store an empty `position`.
    const first = { $setOnInsert: { generation: generationNow(), ...this.ofVersion } };
    await this.#checkpoints
      .run((all) => all.updateOne({ _id }, first, { upsert: true }))
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
    return this.checkpoint();
  }

  /** Advances the checkpoint, unless another process has changed it since it was read. */
  async move(asRead: CheckpointDocument, to: Position): Promise<void> {
    await this.#change(asRead, { $set: { position: to } });
  }

  async #change({ _id, generation, position }: CheckpointDocument, change: object): Promise<boolean> {
    const asRead = { _id, generation, position: position ?? { $exists: false } };
    return (await this.#checkpoints.run((all) => all.updateOne(asRead, change))).matchedCount > 0;
  }

  /**
   * Applies events in their order to a generation's rows. Resolves with the events that it cannot apply, because the
   * event before them is missing, or because the aggregate or the store refuses them. Earlier events of their streams
   * are applied.
   *
   * @param filling the generation is under construction, so the rows of streams that begin here are most likely missing
   */
  async apply(generation: string, events: readonly RecordedEvent[], filling = false): Promise<readonly Refused[]> {
    if (events.length === 0) return [];
    await this.#ensure(generation);
    const rows = this.#rows(generation);
    const streams = [...byStream(events)];
    const continued = streams.filter(([, [first]]) => first?.version !== 1).map(([stream]) => this.#idOf(stream));
    const found = continued.length === 0 ? [] : await rows.find({ _id: { $in: continued } }).toArray();
    const before = new Map(found.map((row) => [row._id, row as ViewRow<S>]));
    const made = streams.map(([stream, of]) => this.#after(before.get(this.#idOf(stream)), stream, of));
    const refused = made.flatMap(({ refused: one }) => one ?? []);
    const changes = made.flatMap(({ row, last }) => (row === undefined || last === undefined ? [] : { row, last }));
    const starting = new Set(
      streams.filter(([, [first]]) => first?.version === 1).map(([stream]) => this.#idOf(stream)),
    );
    const missing = filling ? changes.filter(({ row }) => starting.has(row._id)) : [];
    const present = await this.#insert(rows, missing);
    const others = filling ? changes.filter(({ row }) => !starting.has(row._id)) : changes;
    return [...refused, ...(await this.#write(rows, [...present, ...others]))];
  }

  /**
   * Inserts rows: the server needs a quarter of the time of an upsert. Resolves with those that it refused, because they
   * exist in any version or for another reason, and that are to be written by replacing.
   */
  async #insert(rows: MongoCollection<ViewRow<S>>, changes: readonly Change<S>[]): Promise<readonly Change<S>[]> {
    if (changes.length === 0) return [];
    const operations = changes.map(({ row }) => ({ insertOne: { document: row as never } }));
    try {
      await rows.bulkWrite(operations, { ordered: false });
      return [];
    } catch (error) {
      const writes = refusedWrites(error);
      if (writes !== undefined) return writes.flatMap(({ index }) => changes[index] ?? []);
      if (!isUnsendable(error)) throw error;
      return changes;
    }
  }

  /**
   * Writes all rows at once; the server refuses each row separately. If the driver cannot even send one of them, all
   * are written one by one.
   */
  async #write(rows: MongoCollection<ViewRow<S>>, changes: readonly Change<S>[]): Promise<readonly Refused[]> {
    if (changes.length === 0) return [];
    const operations = changes.map(({ row: { _id, ...replacement } }) => ({
      replaceOne: { filter: { _id, version: { $lt: replacement.version } }, replacement, upsert: true },
    }));
    try {
      await rows.bulkWrite(operations, { ordered: false });
      return [];
    } catch (error) {
      const writes = refusedWrites(error);
      // The row already exists with this version or a later one: another process has applied the same events, or more.
      if (writes !== undefined)
        return writes.flatMap(({ index, duplicate, message }) => {
          const last = changes[index]?.last;
          return duplicate || last === undefined ? [] : [{ ...last, error: message }];
        });
      if (!isUnsendable(error)) throw error;
      const [first, ...others] = changes;
      if (first !== undefined && others.length === 0) return [{ ...first.last, error }];
      const each: Refused[] = [];
      for (const change of changes) each.push(...(await this.#write(rows, [change])));
      return each;
    }
  }

  /** The first of a stream's events that the aggregate refuses. */
  refusedOf(events: readonly RecordedEvent[]): Refused | undefined {
    return refusedIn(foldUntilRefused(this.options.aggregate, events));
  }

  /** As it is stored: the first version is not. */
  get ofVersion(): { readonly version?: number } {
    return this.version === 1 ? {} : { version: this.version };
  }

  begin(): string {
    return generationNow();
  }

  /**
   * Makes this generation the current one, which continues from its position, unless another process has changed the
   * checkpoint since it was read: then it resolves with false.
   */
  async switchTo(generation: string, position: Position | undefined, asRead: CheckpointDocument): Promise<boolean> {
    await this.#ensure(generation);
    const set = { generation, ...this.ofVersion };
    const to = position === undefined ? { $set: set, $unset: { position: 1 } } : { $set: { ...set, position } };
    return this.#change(asRead, to);
  }

  /** Drops the generation that the current one has replaced, and abandoned ones, with their set-aside entries. */
  async dropReplaced(current: string, replaced: string): Promise<void> {
    await this.asides.keepOnly(this.name, current);
    const before = timeOf(current) - ABANDONED_MS;
    for (const name of await this.database.collectionsNamed(`${this.name}_`)) {
      const of = name.slice(this.name.length + 1);
      if (of !== current && (of === replaced || timeOf(of) < before)) await this.database.drop(name);
    }
  }

  /** Drops a generation that is not the current one. */
  async dropGeneration(generation: string): Promise<void> {
    await this.database.drop(`${this.name}_${generation}`);
    await this.asides.dropFrom(this.name, generation);
    this.#ensured.delete(generation);
  }

  #after(row: ViewRow<S> | undefined, stream: string, events: readonly RecordedEvent[]): Partial<Change<S>> & Stopped {
    const version = row?.version ?? 0;
    const fresh = events.filter((event) => event.version > version);
    const [first] = fresh;
    if (first === undefined) return {};
    if (first.version !== version + 1)
      return {
        refused: {
          ...first,
          error: new Error(`the event before it is missing: ${this.name} has ${stream} at version ${version}`),
        },
      };
    const folded = foldUntilRefused(this.options.aggregate, fresh, row?.state);
    const { state, applied } = folded;
    const refused = refusedIn(folded);
    const stopped = refused === undefined ? {} : { refused };
    const last = fresh[applied - 1];
    if (last === undefined) return stopped;
    try {
      const columns = this.options.row(state);
      return { row: { ...columns, _id: this.#idOf(stream), version: last.version, state }, last, ...stopped };
    } catch (error) {
      return { refused: { ...last, error } };
    }
  }

  #rows(generation: string): MongoCollection<ViewRow<S>> {
    return this.database.collection<ViewRow<S>>(`${this.name}_${generation}`);
  }

  #idOf(stream: string): string {
    return stream.slice(this.category.length + 1);
  }

  async #ensure(generation: string): Promise<void> {
    if (this.#ensured.has(generation)) return;
    await this.database.ensure({ name: `${this.name}_${generation}`, indexes: this.options.indexes });
    this.#ensured.add(generation);
  }
}

interface Change<S> {
  readonly row: ViewRow<S>;
  /** The last event that the row includes. */
  readonly last: RecordedEvent;
}

interface Stopped {
  readonly refused?: Refused;
}

/** The driver could not even serialize it: it is too large, or not a valid document. */
const isUnsendable = (error: unknown): boolean =>
  error instanceof RangeError || (error instanceof Error && error.name.startsWith('BSON'));

/** The name contains the time, so that abandoned generations can be recognised. */
const generationNow = (): string => newId().replaceAll('-', '');
const timeOf = (generation: string): number => Number.parseInt(generation.slice(0, 12), 16);
