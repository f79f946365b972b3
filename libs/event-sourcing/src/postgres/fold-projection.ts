import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { type Aggregate, type DomainEvent, foldUntilRefused } from '../aggregate.js';
import type { RecordedEvent } from '../event-store.js';
import { byStream, type Refused, refusedIn } from '../projection.js';
import type { Projection, ProjectionClient } from './postgres-projection.js';
import { StateCache } from '../state-cache.js';

/** Maximum number of cached states: about the streams that change within a few seconds of high load. */
const CACHED_STATES = 5_000;
/** Streams folded without a pause: a few milliseconds, after which the event loop can serve requests. */
const FOLDED_AT_ONCE = 200;

/** A stream's id, and the version of the last event in its row. */
export interface Reached {
  readonly id: string;
  readonly version: number;
}

/** The table of a {@link FoldProjection}, and how its rows are made of a stream's state. Rows are JSON objects. */
export interface FoldedRows<S> {
  /**
   * The row to write for a state; undefined if the row made of the state `before` is the same (no `before`: there is no row).
   * Throws if no row can be made of the state.
   */
  row(id: string, state: S, before: S | undefined): object | undefined;
  /** The states of these rows, by id: missing if there is no row, an error if it cannot be read. */
  states(rows: readonly Reached[], db: ProjectionClient): Promise<ReadonlyMap<string, S | Error>>;
  /** Inserts and updates these rows, all or none. */
  write(rows: readonly object[], db: ProjectionClient): Promise<void>;
  /** See {@link Projection.tables}. */
  readonly tables: readonly string[];
}

export interface FoldProjectionOptions<S, E extends DomainEvent> {
  readonly name: string;
  /** See {@link Projection.version}. */
  readonly version?: number;
  readonly aggregate: Aggregate<S, E>;
  readonly rows: FoldedRows<S>;
}

interface Made<S> {
  readonly state: S;
  /** The row to write, if any. */
  readonly row: object | undefined;
  /** The last event in it. */
  readonly last: RecordedEvent;
}

/** The result of a stream's events: a row, as far as they can be applied, and the first event that cannot. */
interface FoldResult<S> {
  readonly made?: Made<S>;
  readonly refused?: Refused;
}

/** SQLSTATE classes of a row that its columns refuse: a bad value, a constraint, a size. */
const isOfData = (error: unknown): boolean => error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? '');

/**
 * A read model with one row per stream, made of the aggregate's state.
 *
 * The states of recently written rows are cached until they are settled, and used only if they are of the version right before a stream's next
 * event: if another process has applied events meanwhile, the versions differ, and the state is read.
 */
export class FoldProjection<S, E extends DomainEvent> implements Projection {
  readonly name: string;
  readonly category: string;
  readonly tables: readonly string[];
  readonly version: number;
  readonly #kept = new StateCache(CACHED_STATES);

  constructor(private readonly options: FoldProjectionOptions<S, E>) {
    this.name = options.name;
    this.category = options.aggregate.category;
    this.tables = options.rows.tables;
    this.version = options.version ?? 1;
  }

  async apply(events: readonly RecordedEvent[], db: ProjectionClient): Promise<readonly Refused[]> {
    const streams = [...byStream(events)];
    const states = await this.#before(streams, db);
    const outcomes: FoldResult<S>[] = [];
    for (const [stream, of] of streams) {
      outcomes.push(this.#make(of, states.get(stream)));
      if (outcomes.length % FOLDED_AT_ONCE === 0) await setImmediate();
    }
    const made = outcomes.flatMap((one) => one.made ?? []);
    const refused = outcomes.flatMap((one) => one.refused ?? []);
    const unwritten = await this.#write(
      made.filter(({ row }) => row !== undefined),
      db,
    );
    const { aggregate } = this.options;
    for (const { state, last } of made)
      // With personal data it is read each time, so that no row is made of what was forgotten.
      if (aggregate.personal !== undefined || aggregate.settled?.(state) === true) this.#kept.delete(last.stream);
      else this.#kept.set(last.stream, { state, version: last.version });
    for (const { stream } of [...refused, ...unwritten]) this.#kept.delete(stream);
    return [...refused, ...unwritten];
  }

  #idOf(stream: string): string {
    return stream.slice(this.category.length + 1);
  }

  /** A stream's row after these events, up to the first that cannot be applied. */
  #make(events: readonly RecordedEvent[], before: S | Error | undefined): FoldResult<S> {
    const [first] = events;
    if (first === undefined) return {};
    if (before instanceof Error) return { refused: { ...first, error: before } };
    if (first.version !== 1 && before === undefined)
      return { refused: { ...first, error: new Error(`${this.name} has none of the events before it`) } };
    const folded = foldUntilRefused(this.options.aggregate, events, before);
    const { state, applied } = folded;
    const refused = refusedIn(folded);
    const stopped = refused === undefined ? {} : { refused };
    const last = events[applied - 1];
    if (last === undefined) return stopped;
    try {
      return { made: { state, row: this.options.rows.row(this.#idOf(last.stream), state, before), last }, ...stopped };
    } catch (error) {
      return { refused: { ...last, error } };
    }
  }

  /** Writes all at once; if the store refuses one of them, writes each by itself, so that only that one is left out. */
  async #write(made: readonly Made<S>[], db: ProjectionClient): Promise<Refused[]> {
    const [first] = made;
    if (first === undefined) return [];
    await db.query('savepoint rows');
    try {
      await this.options.rows.write(
        made.flatMap(({ row }) => row ?? []),
        db,
      );
      await db.query('release savepoint rows');
      return [];
    } catch (error) {
      if (!isOfData(error)) throw error;
      await db.query('rollback to savepoint rows; release savepoint rows');
      if (made.length === 1) return [{ ...first.last, error }];
    }
    const refused: Refused[] = [];
    for (const one of made) refused.push(...(await this.#write([one], db)));
    return refused;
  }

  /** The states of these streams before the given events, except of new streams. */
  async #before(
    streams: readonly (readonly [string, readonly RecordedEvent[]])[],
    db: ProjectionClient,
  ): Promise<Map<string, S | Error>> {
    const states = new Map<string, S | Error>();
    const unknown: Reached[] = [];
    for (const [stream, [first]] of streams) {
      if (first === undefined || first.version === 1) continue;
      const version = first.version - 1;
      const kept = this.#kept.get(stream);
      if (kept?.version === version) states.set(stream, kept.state as S);
      else unknown.push({ id: this.#idOf(stream), version });
    }
    if (unknown.length === 0) return states;
    for (const [id, state] of await this.options.rows.states(unknown, db)) states.set(`${this.category}-${id}`, state);
    return states;
  }
}
