import type { Aggregate, DomainEvent } from '../aggregate.js';
import { FoldProjection } from '../postgres/fold-projection.js';

export type TallyEvent = DomainEvent<'added', { n: number }> | DomainEvent<'reset', object>;

export interface TallyState {
  readonly sum: number;
  readonly events: number;
}

/** Adds up numbers; a reset begins anew. */
export const Tally: Aggregate<TallyState, TallyEvent> = {
  category: 'tally',
  initial: { sum: 0, events: 0 },
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

export const tallyView = (): FoldProjection<TallyState, TallyEvent> =>
  new FoldProjection({
    name: 'tally-view',
    table: 'tally_view',
    aggregate: Tally,
    columns: { sum: 'integer' },
    row: ({ sum }) => ({ sum }),
  });

export class TallyTables1760000098000 {
  async up(db: { query(sql: string): Promise<unknown> }): Promise<void> {
    await db.query('create table tally_view (id text primary key, sum integer not null, state json not null)');
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}
