import { byStream, type Position, streamOf } from '@seam/event-sourcing';
import { PostgresEventStore, stateAmong } from '@seam/event-sourcing/postgres';
import type { Database } from '@seam/persistence/postgres';
import { deadlineOf, Saga, type SagaState, type SagaStatus } from '../engine/state.js';
import { OPEN_STATES, SagaFinder, type SagaGroup, type StoredSagaQuery } from '../saga-finder.js';
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
  protected override async page(query: StoredSagaQuery): Promise<SagaState[]> {
    const { text, values } = listStatement(query);
    const rows = await this.database.query<ListedRow>(text, values);
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
 * A page, and the checkpoint that it belongs to, from one snapshot. Only the conditions of this query, and not prepared: it
 * is planned each time with the actual values.
 */
function listStatement(query: StoredSagaQuery): { text: string; values: unknown[] } {
  const { status, definition, version, correlationId, startedBefore, before, limit } = query;
  const values: unknown[] = [SAGA_LIST, limit];
  const value = (given: unknown): string => `$${values.push(given)}`;
  // Few sagas have not ended; those about one thing are found by an index of the other table.
  const open = correlationId === undefined && (query.open === true || (status !== undefined && isOpen(status)));
  const conditions = [
    ...(status === undefined ? [] : [`s.status = ${value(status)}`]),
    ...(query.open === true && !open ? [`s.status = any(${value(OPEN_STATES)})`] : []),
    ...(definition === undefined ? [] : [`s.definition = ${value(definition)}`]),
    ...(version === undefined ? [] : [`${open ? 'l' : 's'}.version = ${value(version)}`]),
    ...(correlationId === undefined ? [] : [`s.correlation_id = ${value(correlationId)}`]),
    ...(startedBefore === undefined ? [] : [`s.started_at < ${value(startedBefore)}`]),
    ...(before === undefined ? [] : [`(s.started_at, s.id) < (${value(before.startedAt)}, ${value(before.id)})`]),
  ];
  const from = open ? `saga_open s${version === undefined ? '' : ' join saga_list l on l.id = s.id'}` : 'saga_list s';
  const text = `
    with page as (
      select s.id from ${from} ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
      order by s.started_at desc, s.id desc limit $2
    )
    select l.id, l.definition, l.version, l.status, l.correlation_id as "correlationId", l.started_at as "startedAt",
           p.tx::text, p.seq::text
    from page join saga_list l on l.id = page.id cross join projection p
    where p.name = $1 order by l.started_at desc, l.id desc`;
  return { text, values };
}

const isOpen = (status: SagaStatus): boolean => OPEN_STATES.includes(status);

const headOf = ({ id, definition, version, status, correlationId, startedAt }: ListedRow): Partial<SagaState> => ({
  id,
  definition,
  version,
  status,
  correlationId,
  startedAt: startedAt.toISOString(),
});
