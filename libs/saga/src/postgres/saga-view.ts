import { FoldProjection } from '@seam/event-sourcing';
import type { Database } from '@seam/persistence';
import { deadlineOf, Saga, type SagaEvent, type SagaState } from '../engine/state.js';
import { OPEN_STATES, SagaFinder, type SagaGroup, type SagaQuery } from '../saga-finder.js';

/** One row per saga: what is searched for, and when its time limit is over. */
export const sagaView = (): FoldProjection<SagaState, SagaEvent> =>
  new FoldProjection({
    name: 'saga-view',
    table: 'saga_view',
    aggregate: Saga,
    columns: { correlation_id: 'text', status: 'text', started_at: 'timestamptz', deadline: 'timestamptz' },
    row: (saga) => ({
      correlation_id: saga.correlationId,
      status: saga.status,
      started_at: saga.startedAt,
      deadline: deadlineOf(saga),
    }),
  });

const IN_OPEN = `status in ('${OPEN_STATES.join("', '")}')`;

export class PostgresSagaFinder extends SagaFinder {
  constructor(private readonly database: Pick<Database, 'query'>) {
    super();
  }

  override async list({ status, correlationId, before, limit }: SagaQuery): Promise<SagaState[]> {
    // Spelled out, so that the planner sees that the small index of the open ones will do.
    const open = status !== undefined && OPEN_STATES.includes(status) ? `${IN_OPEN} and` : '';
    const rows = await this.database.query<{ state: SagaState }>(
      `select state from saga_view
       where ${open} ($1::text is null or status = $1) and ($2::text is null or correlation_id = $2)
         and ($3::timestamptz is null or (started_at, id) < ($3, $4))
       order by started_at desc, id desc limit $5`,
      [status, correlationId, before?.startedAt, before?.id, limit],
    );
    return rows.map((row) => row.state);
  }

  override async overdue(now: Date, limit: number, except: readonly string[] = []): Promise<SagaState[]> {
    const rows = await this.database.query<{ state: SagaState }>(
      'select state from saga_view where deadline < $1 and id <> all($3) order by deadline limit $2',
      [now.toISOString(), limit, except],
    );
    return rows.map((row) => row.state);
  }

  override async deadlines(ids: readonly string[]): Promise<Map<string, string | undefined>> {
    const text = 'select id, deadline from saga_view where id = any($1)';
    const rows = await this.database.query<{ id: string; deadline: Date | null }>(text, [ids]);
    return new Map(rows.map(({ id, deadline }) => [id, deadline?.toISOString()]));
  }

  override open(): Promise<SagaGroup[]> {
    return this.database.query<SagaGroup & Record<string, unknown>>(
      `select state->>'definition' as definition, status as state, count(*)::int as count, min(started_at) as oldest
       from saga_view where ${IN_OPEN} group by 1, 2 order by 1, 2`,
    );
  }
}
