import { newId } from '@seam/kernel';
import {
  isDuplicateKey,
  mongoAnswer,
  type MongoCollection,
  type MongoDatabase,
  type MongoFilter,
} from '@seam/persistence';
import { type Aggregate, type DomainEvent, fold } from '../aggregate.js';
import type { Position, PositionedEvent } from '../event-store.js';
import { type CheckpointDocument, PROJECTIONS } from './collections.js';

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
  readonly #checkpoints: MongoCollection<CheckpointDocument>;
  readonly #ensured = new Set<string>();

  constructor(
    private readonly database: MongoDatabase,
    private readonly options: MongoViewOptions<S, E>,
  ) {
    this.name = options.name;
    this.category = options.aggregate.category;
    this.#checkpoints = database.collection<CheckpointDocument>(PROJECTIONS);
  }

  /** The rows as they are read now. */
  find(query: ViewQuery<S>): Promise<S[]> {
    return mongoAnswer(this.#find(query));
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
    const { generation } = await mongoAnswer(this.checkpoint());
    return mongoAnswer(
      this.#rows(generation)
        .aggregate<R>(pipeline as object[])
        .toArray(),
    );
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

  /** Applies events in their order to a generation's rows; rejects where an event before them is missing. */
  async apply(generation: string, events: readonly PositionedEvent[]): Promise<void> {
    await this.#ensure(generation);
    const rows = this.#rows(generation);
    const streams = new Map<string, PositionedEvent[]>();
    for (const event of events) {
      const of = streams.get(event.stream);
      if (of === undefined) streams.set(event.stream, [event]);
      else of.push(event);
    }
    const begun = [...streams].filter(([, [first]]) => first?.version !== 1).map(([stream]) => this.#idOf(stream));
    const found = begun.length === 0 ? [] : await rows.find({ _id: { $in: begun } }).toArray();
    const before = new Map(found.map((row) => [row._id, row as ViewRow<S>]));
    const operations = [...streams].flatMap(([stream, of]) => {
      const row = this.#after(before.get(this.#idOf(stream)), stream, of);
      if (row === undefined) return [];
      const { _id, ...replacement } = row;
      const filter = { _id, version: { $lt: row.version } };
      return [{ replaceOne: { filter, replacement, upsert: true } }];
    });
    if (operations.length === 0) return;
    await rows.bulkWrite(operations as never, { ordered: false }).catch((error: unknown) => {
      // A row that is there already and no earlier: somebody else has applied the same, or more.
      if (!isDuplicateKey(error)) throw error;
    });
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
    const before = timeOf(generation) - ABANDONED_MS;
    for (const name of await this.database.collectionsNamed(`${this.name}_`)) {
      const of = name.slice(this.name.length + 1);
      if (of === replaced.generation || timeOf(of) < before) await this.database.drop(name);
    }
  }

  #after(row: ViewRow<S> | undefined, stream: string, events: readonly PositionedEvent[]): ViewRow<S> | undefined {
    const version = row?.version ?? 0;
    const fresh = events.filter((event) => event.version > version);
    const last = fresh.at(-1);
    if (last === undefined) return undefined;
    if (fresh[0]?.version !== version + 1)
      throw new Error(`${this.name} has ${stream} at version ${version}, and no event after that`);
    const state = fold(this.options.aggregate, fresh, row?.state);
    return { ...this.options.row(state), _id: this.#idOf(stream), version: last.version, state };
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

/** Its time is in it, so that what was abandoned is known by its name. */
const generationNow = (): string => newId().replaceAll('-', '');
const timeOf = (generation: string): number => Number.parseInt(generation.slice(0, 12), 16);
