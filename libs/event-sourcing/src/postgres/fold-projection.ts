import type { Queryable } from '@seam/messaging';
import { type Aggregate, type DomainEvent, fold } from '../aggregate.js';
import type { PositionedEvent } from '../event-store.js';
import type { Projection } from '../projection.js';

export interface FoldProjectionOptions<S, E extends DomainEvent> {
  readonly name: string;
  /** Its table has `id` (text, the primary key), `state` (json, the folded state) and the columns below. */
  readonly table: string;
  readonly aggregate: Aggregate<S, E>;
  /** Further columns and their types, filled from the state. */
  readonly columns: Readonly<Record<string, string>>;
  readonly row: (state: S) => Readonly<Record<string, unknown>>;
}

/** A read model with one row per stream: the aggregate's state, and what of it is searched for as columns. */
export class FoldProjection<S, E extends DomainEvent> implements Projection {
  readonly name: string;
  readonly category: string;

  constructor(private readonly options: FoldProjectionOptions<S, E>) {
    this.name = options.name;
    this.category = options.aggregate.category;
  }

  async apply(events: readonly PositionedEvent[], db: Queryable): Promise<void> {
    const streams = new Map<string, PositionedEvent[]>();
    for (const event of events) {
      const id = event.stream.slice(this.category.length + 1);
      const of = streams.get(id);
      if (of === undefined) streams.set(id, [event]);
      else of.push(event);
    }
    const begun = [...streams].filter(([, [first]]) => first?.version !== 1).map(([id]) => id);
    const states = await this.#states(begun, db);
    await this.#upsert(
      [...streams].map(([id, of]) => this.#row(id, fold(this.options.aggregate, of, states.get(id)))),
      db,
    );
  }

  async clear(db: Queryable): Promise<void> {
    await db.query(`delete from ${this.options.table}`);
  }

  #row(id: string, state: S): object {
    return { ...this.options.row(state), id, state };
  }

  async #states(ids: readonly string[], db: Queryable): Promise<Map<string, S>> {
    if (ids.length === 0) return new Map();
    const { rows } = await db.query(`select id, state from ${this.options.table} where id = any($1)`, [ids]);
    return new Map(rows.map((row) => [row['id'] as string, row['state'] as S]));
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
