import { newId } from '@seam/kernel';
import {
  isDuplicateKey,
  type MongoCollection,
  type MongoDatabase,
  type MongoFilter,
  refusedWrites,
} from '@seam/persistence/mongodb';
import { type Aggregate, type DomainEvent, foldUntilRefused } from '../aggregate.js';
import type { Position, RecordedEvent } from '../event-store.js';
import { byStream, type Refused, refusedIn } from '../projection.js';
import { type CheckpointDocument, PROJECTIONS } from './collections.js';
import { MongoSetAsides } from './mongo-set-asides.js';

export interface MongoViewOptions<S, E extends DomainEvent> {
  /** Names its checkpoint, and begins its collections' names. */
  readonly name: string;
  readonly aggregate: Aggregate<S, E>;
  /** What of the state it is searched by, beside the row's `_id`. */
  readonly row: (state: S) => Readonly<Record<string, unknown>>;
  readonly indexes: readonly {
    readonly name: string;
    readonly key: Readonly<Record<string, 1 | -1>>;
    sparse?: boolean;
  }[];
}

/** One stream's row: the state after its `version`, and what it is searched by. */
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

/** A generation that was left half made by a process that died is of no use to anybody after so long, ms. */
const ABANDONED_MS = 3_600_000;

/**
 * A read model with one row per stream, in a collection per generation: the checkpoint says which one is read, so that
 * one made anew takes the old one's place, checkpoint and all, by the change of one document.
 *
 * A row carries the version of its stream's last event in it, and is only ever replaced by a later one. So the same
 * events may be applied again, by another process or after a crash between rows and checkpoint, without a difference.
 */
export class MongoView<S, E extends DomainEvent> {
  readonly name: string;
  readonly category: string;
  /** The streams that its generations have left out. */
  readonly asides: MongoSetAsides;
  readonly #checkpoints: MongoCollection<CheckpointDocument>;
  readonly #ensured = new Set<string>();

  constructor(
    private readonly database: MongoDatabase,
    private readonly options: MongoViewOptions<S, E>,
  ) {
    this.name = options.name;
    this.category = options.aggregate.category;
    this.asides = new MongoSetAsides(database);
    this.#checkpoints = database.collection<CheckpointDocument>(PROJECTIONS);
  }

  /** The rows as they are read now. */
  find(query: ViewQuery<S>): Promise<S[]> {
    return this.#find(query);
  }

  async #find({ filter, sort, limit }: ViewQuery<S>): Promise<S[]> {
    let { generation } = await this.checkpoint();
    for (;;) {
      const rows = await this.#rows(generation).find(filter).sort(sort).limit(limit).toArray();
      if (rows.length > 0) return rows.map(({ state }) => state);
      // None, or its place was taken meanwhile, and its collection is gone.
      const current = await this.checkpoint();
      if (current.generation === generation) return [];
      generation = current.generation;
    }
  }

  /** Counts and sums over the rows as they are read now. */
  async aggregate<R extends object>(pipeline: readonly object[]): Promise<R[]> {
    const { generation } = await this.checkpoint();
    return this.#rows(generation)
      .aggregate<R>(pipeline as object[])
      .toArray();
  }

  async checkpoint(): Promise<CheckpointDocument> {
    const _id = this.name;
    const found = await this.#checkpoints.findOne({ _id });
    if (found !== null) return found;
    // Two who are first at once: one makes it.
    await this.#checkpoints.insertOne({ _id, generation: generationNow() }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
    return this.checkpoint();
  }

  /** Moves the checkpoint on, unless somebody has moved it since it was read. */
  async move({ _id, generation, position }: CheckpointDocument, to: Position): Promise<void> {
    const since = position === undefined ? { $exists: false } : position;
    await this.#checkpoints.updateOne({ _id, generation, position: since }, { $set: { position: to } });
  }

  /**
   * Applies events in their order to a generation's rows. Resolves with those it cannot apply, as one before them is
   * missing, or the aggregate or the store refuses them: what comes before them in their streams is applied.
   */
  async apply(generation: string, events: readonly RecordedEvent[]): Promise<readonly Refused[]> {
    if (events.length === 0) return [];
    await this.#ensure(generation);
    const rows = this.#rows(generation);
    const streams = [...byStream(events)];
    const begun = streams.filter(([, [first]]) => first?.version !== 1).map(([stream]) => this.#idOf(stream));
    const found = begun.length === 0 ? [] : await rows.find({ _id: { $in: begun } }).toArray();
    const before = new Map(found.map((row) => [row._id, row as ViewRow<S>]));
    const made = streams.map(([stream, of]) => this.#after(before.get(this.#idOf(stream)), stream, of));
    const refused = made.flatMap(({ refused: one }) => one ?? []);
    const changes = made.flatMap(({ row, last }) => (row === undefined || last === undefined ? [] : { row, last }));
    return [...refused, ...(await this.#write(rows, changes))];
  }

  /** All at once; the server refuses each by itself, and what cannot even be sent is found out one by one. */
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
      // A row that is there already and no earlier: somebody else has applied the same, or more.
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

  begin(): string {
    return generationNow();
  }

  /** From now on this generation is read, and its position gone on from; those before it go. */
  async switchTo(generation: string, position: Position | undefined): Promise<void> {
    await this.#ensure(generation);
    const replaced = await this.checkpoint();
    const to = position === undefined ? {} : { position };
    await this.#checkpoints.replaceOne({ _id: this.name }, { generation, ...to });
    await this.asides.keepOnly(this.name, generation);
    const before = timeOf(generation) - ABANDONED_MS;
    for (const name of await this.database.collectionsNamed(`${this.name}_`)) {
      const of = name.slice(this.name.length + 1);
      if (of === replaced.generation || timeOf(of) < before) await this.database.drop(name);
    }
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
  /** The last event in it. */
  readonly last: RecordedEvent;
}

interface Stopped {
  readonly refused?: Refused;
}

/** The driver could not even write it down: it is too large, or no document. */
const isUnsendable = (error: unknown): boolean =>
  error instanceof RangeError || (error instanceof Error && error.name.startsWith('BSON'));

/** Its time is in it, so that what was abandoned is known by its name. */
const generationNow = (): string => newId().replaceAll('-', '');
const timeOf = (generation: string): number => Number.parseInt(generation.slice(0, 12), 16);
