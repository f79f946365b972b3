import { byStream, type Position, streamOf } from '@seam/event-sourcing';
import { PostgresEventStore, stateAmong } from '@seam/event-sourcing/postgres';
import type { Database } from '@seam/persistence/postgres';
import { deadlineOf, Saga, type SagaState } from '../engine/state.js';
import { OPEN_STATES, SagaFinder, type SagaGroup, type SagaQuery } from '../saga-finder.js';
import { SAGA_LIST } from './saga-list.js';

interface ListedRow extends Position {
  readonly id: string;
  readonly definition: string;
  readonly version: number;
  readonly status: SagaState['status'];
  readonly correlationId: string;
  readonly startedAt: Date;
}

/** Finds sagas in the tables of the saga list, and reads their states from their streams. */
export class PostgresSagaFinder extends SagaFinder {
  readonly #events: PostgresEventStore;

  constructor(private readonly database: Pick<Database, 'query' | 'pool'>) {
    super();
    this.#events = new PostgresEventStore(database.pool);
  }

  /** The states are those at the checkpoint of the list, so that they agree with the rows that were searched. */
  override async list({ status, correlationId, before, limit }: SagaQuery): Promise<SagaState[]> {
    const open = status !== undefined && OPEN_STATES.includes(status) && correlationId === undefined;
    const rows = await this.database.query<ListedRow>(listStatement(open ? 'saga_open' : 'saga_list'), [
      status,
      before?.startedAt,
      before?.id,
      limit,
      SAGA_LIST,
      ...(open ? [] : [correlationId]),
    ]);
    const [first] = rows;
    if (first === undefined) return [];
    const streams = rows.map(({ id }) => streamOf(Saga, id));
    const events = byStream(await this.#events.readUpTo(streams, first));
    return rows.map((row) => {
      const state = stateAmong(Saga, row.id, events);
      // If this version cannot read the saga's first event, only the fields of the list are known.
      return state.status === 'none' ? { ...state, ...headOf(row) } : state;
    });
  }

  /** The states are the current ones: a saga that has continued since its row was written is left out. */
  override async overdue(now: Date, limit: number, except: readonly string[] = []): Promise<SagaState[]> {
    const rows = await this.database.query<{ id: string }>(
      'select id from saga_open where deadline < $1 and id <> all($3) order by deadline limit $2',
      [now.toISOString(), limit, except],
    );
    const events = await this.#events.readMany(rows.map(({ id }) => streamOf(Saga, id)));
    return rows
      .map(({ id }) => stateAmong(Saga, id, events))
      .filter((saga) => {
        const deadline = deadlineOf(saga);
        return deadline !== undefined && Date.parse(deadline) < now.getTime();
      });
  }

  override async deadlines(ids: readonly string[]): Promise<Map<string, string | undefined>> {
    const text = 'select l.id, o.deadline from saga_list l left join saga_open o on o.id = l.id where l.id = any($1)';
    const rows = await this.database.query<{ id: string; deadline: Date | null }>(text, [ids]);
    return new Map(rows.map(({ id, deadline }) => [id, deadline?.toISOString()]));
  }

  override open(): Promise<SagaGroup[]> {
    return this.database.query<SagaGroup & Record<string, unknown>>(
      `select definition, status as state, count(*)::int as count, min(started_at) as oldest
       from saga_open group by 1, 2 order by 1, 2`,
    );
  }
}

/**
 * A page, and the checkpoint that it belongs to, from one snapshot. Not prepared: planned each time with the actual
 * values.
 */
const listStatement = (table: 'saga_open' | 'saga_list'): string => `
  with page as (
    select id from ${table}
    where ($1::text is null or status = $1) and ($2::timestamptz is null or (started_at, id) < ($2, $3))
      ${table === 'saga_list' ? 'and ($6::text is null or correlation_id = $6)' : ''}
    order by started_at desc, id desc limit $4
  )
  select l.id, l.definition, l.version, l.status, l.correlation_id as "correlationId", l.started_at as "startedAt",
         p.tx::text, p.seq::text
  from page join saga_list l on l.id = page.id cross join projection p
  where p.name = $5 order by l.started_at desc, l.id desc`;

const headOf = ({ id, definition, version, status, correlationId, startedAt }: ListedRow): Partial<SagaState> => ({
  id,
  definition,
  version,
  status,
  correlationId,
  startedAt: startedAt.toISOString(),
});
