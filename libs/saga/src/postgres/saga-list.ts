import {
  type FoldedRows,
  FoldProjection,
  type ProjectionClient,
  type Reached,
  statesReached,
} from '@seam/event-sourcing/postgres';
import { deadlineOf, Saga, type SagaEvent, type SagaState } from '../engine/state.js';
import { OPEN_STATES } from '../saga-finder.js';

/** The name of the list's checkpoint. */
export const SAGA_LIST = 'saga-list';

/** The list of sagas: the fields to search by, and the deadlines of those that have not ended. */
export const sagaList = (): FoldProjection<SagaState, SagaEvent> =>
  new FoldProjection({ name: SAGA_LIST, aggregate: Saga, rows: new SagaRows() });

/** Returns an SQL condition on a column. */
const isOpen = (column: string): string => `${column} in ('${OPEN_STATES.join("', '")}')`;

/**
 * The tables `saga_list`, with a narrow row for each saga, and `saga_open`, with a row for each saga that has not
 * ended. The states are in the sagas' streams, so a row is written only when a saga starts, or when its status or
 * deadline changes.
 */
class SagaRows implements FoldedRows<SagaState> {
  readonly tables = ['saga_list', 'saga_open'];

  row(id: string, saga: SagaState, before: SagaState | undefined): object | undefined {
    const deadline = deadlineOf(saga);
    if (before?.status === saga.status && deadlineOf(before) === deadline) return undefined;
    const { correlationId, definition, version, status, startedAt } = saga;
    return { id, correlation_id: correlationId, definition, version, status, started_at: startedAt, deadline };
  }

  states(rows: readonly Reached[], db: ProjectionClient): Promise<Map<string, SagaState | Error>> {
    return statesReached(Saga, rows, db);
  }

  async write(rows: readonly object[], db: ProjectionClient): Promise<void> {
    await db.query(WRITE, [JSON.stringify(rows)]);
  }
}

const WRITE = `
  with r as materialized (
    select * from json_to_recordset($1::json)
      as r(id text, correlation_id text, definition text, version integer, status text, started_at timestamptz,
           deadline timestamptz)
  ), listed as (
    insert into saga_list as s (id, correlation_id, definition, version, status, started_at)
    select id, correlation_id, definition, version, status, started_at from r
    on conflict (id) do update set status = excluded.status where s.status <> excluded.status
  ), ended as (
    delete from saga_open o using r where o.id = r.id and not ${isOpen('r.status')}
  )
  insert into saga_open (id, definition, status, started_at, deadline)
  select id, definition, status, started_at, deadline from r where ${isOpen('status')}
  on conflict (id) do update set status = excluded.status, deadline = excluded.deadline`;
