import { FoldProjection } from '@seam/event-sourcing';
import type { Database } from '@seam/persistence';
import { Saga, type SagaEvent, type SagaState, type SagaStatus } from '../engine/state.js';

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
      deadline: saga.status === 'parked' ? undefined : saga.pending?.deadline,
    }),
  });

const OPEN: readonly SagaStatus[] = ['running', 'compensating', 'parked'];

export interface SagaQuery {
  readonly status?: SagaStatus;
  readonly correlationId?: string;
  /** The last one of the page before: later ones come first. */
  readonly before?: { readonly startedAt: string; readonly id: string };
  readonly limit: number;
}

/** Finds sagas by what they are about and how they stand; a moment behind the sagas themselves. */
export class SagaFinder {
  constructor(private readonly database: Pick<Database, 'query'>) {}

  /** Latest first. */
  async list({ status, correlationId, before, limit }: SagaQuery): Promise<SagaState[]> {
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

  /** Those whose time limit is over, the most overdue first. */
  async overdue(now: Date, limit: number): Promise<SagaState[]> {
    const rows = await this.database.query<{ state: SagaState }>(
      'select state from saga_view where deadline < $1 order by deadline limit $2',
      [now.toISOString(), limit],
    );
    return rows.map((row) => row.state);
  }
}
