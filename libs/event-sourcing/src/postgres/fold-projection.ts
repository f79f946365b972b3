import type { Queryable } from '@seam/messaging';
import pg from 'pg';
import { type Aggregate, type DomainEvent, foldUntilRefused } from '../aggregate.js';
import type { RecordedEvent } from '../event-store.js';
import { byStream, type Projection, type Refused, refusedIn } from '../projection.js';
import { StateCache } from '../state-cache.js';

/** Rows whose states are kept in memory: those of the streams that a few busy seconds have moved on. */
const KEPT_STATES = 10_000;

export interface FoldProjectionOptions<S, E extends DomainEvent> {
  readonly name: string;
  /** Its table has `id` (text, the primary key), `state` (json, the folded state) and the columns below. */
  readonly table: string;
  readonly aggregate: Aggregate<S, E>;
  /** Further columns and their types, filled from the state. */
  readonly columns: Readonly<Record<string, string>>;
  readonly row: (state: S) => Readonly<Record<string, unknown>>;
}

interface Row {
  readonly columns: object;
  readonly state: unknown;
  /** The last event in it. */
  readonly last: RecordedEvent;
}

/** What a row is refused for that holds what its columns do not take: a bad value, a constraint, a size. */
const isOfData = (error: unknown): boolean => error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? '');

/**
 * A read model with one row per stream: the aggregate's state, and what of it is searched for as columns.
 *
 * The states of the rows it wrote last are kept in memory, and used only where they are those right before a stream's
 * next event: what another process has applied meanwhile makes the versions differ, and the row is read.
 */
export class FoldProjection<S, E extends DomainEvent> implements Projection {
  readonly name: string;
  readonly category: string;
  readonly #kept = new StateCache(KEPT_STATES);

  constructor(private readonly options: FoldProjectionOptions<S, E>) {
    this.name = options.name;
    this.category = options.aggregate.category;
  }

  async apply(events: readonly RecordedEvent[], db: Queryable): Promise<readonly Refused[]> {
    const streams = [...byStream(events)];
    const states = await this.#before(streams, db);
    const made = streams.map(([stream, of]) => this.#make(of, states.get(stream)));
    const rows = made.flatMap(({ row }) => row ?? []);
    const refused = made.flatMap(({ refused: one }) => one ?? []);
    const unwritten = await this.#write(rows, db);
    for (const { state, last } of rows) this.#kept.set(last.stream, { state, version: last.version });
    for (const { stream } of [...refused, ...unwritten]) this.#kept.delete(stream);
    return [...refused, ...unwritten];
  }

  async clear(db: Queryable): Promise<void> {
    await db.query(`delete from ${this.options.table}`);
  }

  #idOf(stream: string): string {
    return stream.slice(this.category.length + 1);
  }

  /** A stream's row after these events, as far as they can be applied. */
  #make(events: readonly RecordedEvent[], before: S | undefined): { row?: Row; refused?: Refused } {
    const [first] = events;
    if (first === undefined) return {};
    if (first.version !== 1 && before === undefined)
      return { refused: { ...first, error: new Error(`${this.name} has nothing of what came before it`) } };
    const folded = foldUntilRefused(this.options.aggregate, events, before);
    const { state, applied } = folded;
    const refused = refusedIn(folded);
    const stopped = refused === undefined ? {} : { refused };
    const last = events[applied - 1];
    if (last === undefined) return stopped;
    try {
      const columns = { ...this.options.row(state), id: this.#idOf(last.stream), state };
      return { row: { columns, state, last }, ...stopped };
    } catch (error) {
      return { refused: { ...last, error } };
    }
  }

  /** All at once; where the store does not take one of them, each by itself, so that only that one is left out. */
  async #write(rows: readonly Row[], db: Queryable): Promise<Refused[]> {
    const [first] = rows;
    if (first === undefined) return [];
    await db.query('savepoint rows');
    try {
      await this.#upsert(
        rows.map(({ columns }) => columns),
        db,
      );
      await db.query('release savepoint rows');
      return [];
    } catch (error) {
      if (!isOfData(error)) throw error;
      await db.query('rollback to savepoint rows; release savepoint rows');
      if (rows.length === 1) return [{ ...first.last, error }];
    }
    const refused: Refused[] = [];
    for (const row of rows) refused.push(...(await this.#write([row], db)));
    return refused;
  }

  /** The states of these streams before their events here, but for those that begin with them. */
  async #before(
    streams: readonly (readonly [string, readonly RecordedEvent[]])[],
    db: Queryable,
  ): Promise<Map<string, S>> {
    const states = new Map<string, S>();
    const unknown: string[] = [];
    for (const [stream, [first]] of streams) {
      if (first === undefined || first.version === 1) continue;
      const kept = this.#kept.get(stream);
      if (kept?.version === first.version - 1) states.set(stream, kept.state as S);
      else unknown.push(this.#idOf(stream));
    }
    if (unknown.length === 0) return states;
    const { rows } = await db.query(`select id, state from ${this.options.table} where id = any($1)`, [unknown]);
    for (const row of rows) states.set(`${this.category}-${row['id'] as string}`, row['state'] as S);
    return states;
  }

  async #upsert(rows: readonly object[], db: Queryable): Promise<void> {
    const { table, columns } = this.options;
    const types = { id: 'text', state: 'json', ...columns };
    const names = Object.keys(types);
    const declared = Object.entries(types).map(([column, type]) => `${column} ${type}`);
    const set = names.filter((column) => column !== 'id').map((column) => `${column} = excluded.${column}`);
    await db.query(
      `insert into ${table} (${names.join(', ')}) select ${names.join(', ')}
       from json_to_recordset($1::json) as r(${declared.join(', ')})
       on conflict (id) do update set ${set.join(', ')}`,
      [JSON.stringify(rows)],
    );
  }
}
