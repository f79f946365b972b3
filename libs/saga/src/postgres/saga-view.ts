import { FoldProjection } from '@seam/event-sourcing';
import type { Database } from '@seam/persistence';
import { deadlineOf, Saga, type SagaEvent, type SagaState, type SagaStatus } from '../engine/state.js';
import { SagaFinder, type SagaQuery } from '../saga-finder.js';

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

const OPEN: readonly SagaStatus[] = ['running', 'compensating', 'parked'];

export class PostgresSagaFinder extends SagaFinder {
  constructor(private readonly database: Pick<Database, 'query'>) {
    super();
  }

  override async list({ status, correlationId, before, limit }: SagaQuery): Promise<SagaState[]> {
    // Spelled out, so that the planner sees that the small index of the open ones will do.
    const open = status !== undefined && OPEN.includes(status) ? `status in ('${OPEN.join("', '")}') and` : '';
    const rows = await this.database.query<{ state: SagaState }>(
      `select state from saga_view
       where ${open} ($1::text is null or status = $1) and ($2::text is null or correlation_id = $2)
         and ($3::timestamptz is null or (started_at, id) < ($3, $4))
       order by started_at desc, id desc limit $5`,
      [status, correlationId, before?.startedAt, before?.id, limit],
    );
    return rows.map((row) => row.state);
  }

  override async overdue(now: Date, limit: number): Promise<SagaState[]> {
    const rows = await this.database.query<{ state: SagaState }>(
      'select state from saga_view where deadline < $1 order by deadline limit $2',
      [now.toISOString(), limit],
    );
    return rows.map((row) => row.state);
  }
}
