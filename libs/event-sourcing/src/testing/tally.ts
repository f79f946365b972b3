import type { Aggregate, DomainEvent } from '../aggregate.js';
import type { StoredEvent } from '../event.js';
import { eventSchemas } from '../event-schemas.js';
import { type FoldedRows, FoldProjection, type Reached } from '../postgres/fold-projection.js';
import type { ProjectionClient } from '../postgres/postgres-projection.js';

export type TallyEvent = DomainEvent<'added', { n: number }> | DomainEvent<'reset', object>;

export interface TallyState {
  readonly sum: number;
  readonly events: number;
}

/** Adds up numbers; a reset sets the sum to 0. */
export const Tally: Aggregate<TallyState, TallyEvent> = {
  category: 'tally',
  initial: { sum: 0, events: 0 },
  check: ({ type, data }) => {
    if (type === 'added' && typeof (data as { n: unknown }).n !== 'number') throw new Error('no number');
  },
  evolve: ({ sum, events }, event) => {
    switch (event.type) {
      case 'added':
        return { sum: sum + event.data.n, events: events + 1 };
      case 'reset':
        return { sum: 0, events: events + 1 };
      default:
        throw new Error('a tally knows no such event');
    }
  },
};

const AT = '2026-11-22T09:30:00.000Z';
export const added = (n: number): TallyEvent => ({ type: 'added', at: AT, data: { n } });
export const reset: TallyEvent = { type: 'reset', at: AT, data: {} };

/** An event that {@link Tally} does not know. */
export const multiplied = (by: number): DomainEvent => ({ type: 'multiplied', at: AT, data: { by } });

/** The aggregate of a later version of the code. */
export const MultiplyingTally: typeof Tally = {
  ...Tally,
  evolve: (state, event) =>
    (event as DomainEvent).type === 'multiplied'
      ? { sum: state.sum * (event as DomainEvent<string, { by: number }>).data.by, events: state.events + 1 }
      : Tally.evolve(state, event),
};

/** An event of a type that {@link Tally} knows, but of a later version of its schema. */
export const addedTimes = (times: number): StoredEvent => ({
  type: 'added',
  at: AT,
  data: { times },
  schemaVersion: 2,
});

/** The aggregate of a later version of the code, which knows that schema version. */
export const SecondTally: typeof Tally = {
  ...Tally,
  schemas: eventSchemas<TallyEvent>({ added: { version: 2, upcasts: { 1: (data: object) => data } } }),
  check: (event) => {
    if (!('times' in (event.data as object))) Tally.check?.(event);
  },
  evolve: (state, event) =>
    'times' in event.data
      ? { sum: state.sum * Number(event.data.times), events: state.events + 1 }
      : Tally.evolve(state, event),
};

/** The field to search by; throws for sums above 999,999. */
export const tallyRow = ({ sum }: TallyState): { sum: number } => {
  if (sum > 999_999) throw new Error(`${sum} is too much`);
  return { sum };
};

/** Rows that contain the state; each is written as a whole. */
class TallyRows implements FoldedRows<TallyState> {
  readonly tables = ['tally_view'];

  row(id: string, state: TallyState): object {
    return { ...tallyRow(state), id, state };
  }

  async states(rows: readonly Reached[], db: ProjectionClient): Promise<Map<string, TallyState>> {
    const text = 'select id, state from tally_view where id = any($1)';
    const found = await db.query<{ id: string; state: TallyState }>(text, [rows.map(({ id }) => id)]);
    return new Map(found.rows.map(({ id, state }) => [id, state]));
  }

  async write(rows: readonly object[], db: ProjectionClient): Promise<void> {
    await db.query(
      `insert into tally_view (id, sum, state)
       select id, sum, state from json_to_recordset($1::json) as r(id text, sum integer, state json)
       on conflict (id) do update set sum = excluded.sum, state = excluded.state`,
      [JSON.stringify(rows)],
    );
  }
}

export const tallyView = (aggregate = Tally, version = 1): FoldProjection<TallyState, TallyEvent> =>
  new FoldProjection({
    name: 'tally-view',
    version,
    aggregate,
    rows: new TallyRows(),
  });

export class TallyTables1760000098000 {
  async up(db: { query(sql: string): Promise<unknown> }): Promise<void> {
    await db.query(
      'create table tally_view (id text primary key, sum integer not null check (sum >= 0), state json not null)',
    );
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}
