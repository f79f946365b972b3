import type { ProjectionClient } from '../projection.js';
import type { FoldedRows, Reached } from './fold-projection.js';

export interface StateRowsOptions<S> {
  /** The table: `id` (text, the primary key), `state` (json, the folded state) and the columns below. */
  readonly table: string;
  /** Further columns and their types, filled from the state. */
  readonly columns: Readonly<Record<string, string>>;
  readonly row: (state: S) => Readonly<Record<string, unknown>>;
}

/** Rows with the whole state, and columns to search by: lists are read from these rows alone. */
export class StateRows<S> implements FoldedRows<S> {
  constructor(private readonly options: StateRowsOptions<S>) {}

  row(id: string, state: S): object {
    return { ...this.options.row(state), id, state };
  }

  async states(rows: readonly Reached[], db: ProjectionClient): Promise<Map<string, S>> {
    const { rows: found } = await db.query<{ id: string; state: S }>(
      `select id, state from ${this.options.table} where id = any($1)`,
      [rows.map(({ id }) => id)],
    );
    return new Map(found.map(({ id, state }) => [id, state]));
  }

  async write(rows: readonly object[], db: ProjectionClient): Promise<void> {
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

  async clear(db: ProjectionClient): Promise<void> {
    await db.query(`delete from ${this.options.table}`);
  }
}
