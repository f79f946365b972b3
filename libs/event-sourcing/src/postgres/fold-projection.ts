import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { type Aggregate, type DomainEvent, foldUntilRefused } from '../aggregate.js';
import type { RecordedEvent } from '../event-store.js';
import { byStream, type Projection, type ProjectionClient, type Refused, refusedIn } from '../projection.js';
import { StateCache } from '../state-cache.js';

/** Rows whose states are kept in memory: those of the streams that a few busy seconds have moved on. */
const KEPT_STATES = 10_000;
/** Streams folded in one go: a few milliseconds, after which requests come first. */
const FOLDED_AT_ONCE = 200;

/** A stream's id, and the version of its last event that is in its row. */
export interface Reached {
  readonly id: string;
  readonly version: number;
}

/** Where the rows of a {@link FoldProjection} lie, and what of a stream's state is in them. Rows are objects for JSON. */
export interface FoldedRows<S> {
  /**
   * What is written of a state; nothing where the row has it already, made of the state `before` (none: there is no row).
   * Throws where no row can be made of it.
   */
  row(id: string, state: S, before: S | undefined): object | undefined;
  /** The states in these rows, by id: left out where there is none, an error where it cannot be told. */
  states(rows: readonly Reached[], db: ProjectionClient): Promise<ReadonlyMap<string, S | Error>>;
  /** Writes all or none, new rows and old ones. */
  write(rows: readonly object[], db: ProjectionClient): Promise<void>;
  clear(db: ProjectionClient): Promise<void>;
}

export interface FoldProjectionOptions<S, E extends DomainEvent> {
  readonly name: string;
  readonly aggregate: Aggregate<S, E>;
  readonly rows: FoldedRows<S>;
}

interface Made<S> {
  readonly state: S;
  /** What is to be written, as far as something is. */
  readonly row: object | undefined;
  /** The last event in it. */
  readonly last: RecordedEvent;
}

/** What a stream's events come to: a row, as far as they go, and where they are refused. */
interface Outcome<S> {
  readonly made?: Made<S>;
  readonly refused?: Refused;
}

/** What a row is refused for that holds what its columns do not take: a bad value, a constraint, a size. */
const isOfData = (error: unknown): boolean => error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? '');

/**
 * A read model with one row per stream, made of the aggregate's state.
 *
 * The states of the rows it made last are kept in memory, and used only where they are those right before a stream's
 * next event: what another process has applied meanwhile makes the versions differ, and the state is read.
 */
export class FoldProjection<S, E extends DomainEvent> implements Projection {
  readonly name: string;
  readonly category: string;
  readonly #kept = new StateCache(KEPT_STATES);

  constructor(private readonly options: FoldProjectionOptions<S, E>) {
    this.name = options.name;
    this.category = options.aggregate.category;
  }

  async apply(events: readonly RecordedEvent[], db: ProjectionClient): Promise<readonly Refused[]> {
    const streams = [...byStream(events)];
    const states = await this.#before(streams, db);
    const outcomes: Outcome<S>[] = [];
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
    for (const { state, last } of made) this.#kept.set(last.stream, { state, version: last.version });
    for (const { stream } of [...refused, ...unwritten]) this.#kept.delete(stream);
    return [...refused, ...unwritten];
  }

  clear(db: ProjectionClient): Promise<void> {
    return this.options.rows.clear(db);
  }

  #idOf(stream: string): string {
    return stream.slice(this.category.length + 1);
  }

  /** A stream's row after these events, as far as they can be applied. */
  #make(events: readonly RecordedEvent[], before: S | Error | undefined): Outcome<S> {
    const [first] = events;
    if (first === undefined) return {};
    if (before instanceof Error) return { refused: { ...first, error: before } };
    if (first.version !== 1 && before === undefined)
      return { refused: { ...first, error: new Error(`${this.name} has nothing of what came before it`) } };
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

  /** All at once; where the store does not take one of them, each by itself, so that only that one is left out. */
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

  /** The states of these streams before their events here, but for those that begin with them. */
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
