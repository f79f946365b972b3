import { pendingsOf } from './engine/pending.js';
import type { SagaState, SagaStatus } from './engine/state.js';
import type { OverdueSagas } from './timers.js';

/** The conditions by which the stores find sagas. */
export interface StoredSagaQuery {
  readonly status?: SagaStatus;
  readonly definition?: string;
  readonly version?: number;
  readonly correlationId?: string;
  /** ISO 8601. */
  readonly startedBefore?: string;
  /** Only those that have not ended: in one of {@link OPEN_STATES}. */
  readonly open?: true;
  /** The last saga of the previous page: the list continues with sagas that started before it. */
  readonly before?: { readonly startedAt: string; readonly id: string };
  readonly limit: number;
}

export interface SagaQuery extends StoredSagaQuery {
  /** The name of the step that it is at, or of one of them. A saga that has ended is at none. */
  readonly step?: string;
  /** Whether it waits for a further attempt: it runs or compensates, and no earlier attempt of its step got a reply. */
  readonly retrying?: boolean;
}

/** The sagas of one definition in one state. */
export interface SagaGroup {
  readonly definition: string;
  readonly state: SagaStatus;
  readonly count: number;
  /** When the oldest of them started. */
  readonly oldest: Date;
}

/** The states of sagas that still need work, by the process or by an operator. */
export const OPEN_STATES: readonly SagaStatus[] = ['running', 'compensating', 'parked', 'paused'];

/** How many sagas that have not ended are read at once if their steps are part of the query. */
const OPEN_AT_ONCE = 500;

const isAt = (saga: SagaState, step: string | undefined): boolean =>
  step === undefined || pendingsOf(saga).some((one) => saga.steps[one.step]?.name === step);

const isRetrying = (saga: SagaState, retrying: boolean | undefined): boolean =>
  retrying === undefined ||
  retrying ===
    ((saga.status === 'running' || saga.status === 'compensating') &&
      pendingsOf(saga).some(({ attempt }) => attempt > 1));

/** Whether a saga has the state, the step and the attempts of a query, which change as it moves on. */
export const isAsQueried = (saga: SagaState, { status, step, retrying }: Omit<SagaQuery, 'limit'>): boolean =>
  (status === undefined || saga.status === status) && isAt(saga, step) && isRetrying(saga, retrying);

/**
 * Finds sagas by their subject, definition, age and state. The results may be slightly older than the sagas themselves.
 *
 * A saga's step and attempt are in no index, because they change with every event: by these, the states of all sagas that
 * have not ended and fit the rest of the query are read, until the page is full.
 */
export abstract class SagaFinder implements OverdueSagas {
  /** Latest first; sagas that started in the same millisecond are ordered by id, highest first. */
  async list({ step, retrying, ...query }: SagaQuery): Promise<SagaState[]> {
    if (step === undefined && retrying === undefined) return this.page(query);
    const found: SagaState[] = [];
    let { before } = query;
    for (;;) {
      const page = await this.page({ ...query, ...(before && { before }), open: true, limit: OPEN_AT_ONCE });
      found.push(...page.filter((saga) => isAt(saga, step) && isRetrying(saga, retrying)));
      const last = page.at(-1);
      if (found.length >= query.limit || page.length < OPEN_AT_ONCE || last === undefined) break;
      before = { startedAt: last.startedAt, id: last.id };
    }
    return found.slice(0, query.limit);
  }

  /** A page of sagas, in the order of {@link list}. */
  protected abstract page(query: StoredSagaQuery): Promise<SagaState[]>;

  /**
   * Sagas that have timed out, except these; the most overdue first. A parked saga waits for an operator, and has no
   * deadline.
   */
  abstract overdue(now: Date, limit: number, except?: readonly string[]): Promise<SagaState[]>;

  /** The deadlines of these sagas, ISO 8601; undefined for a saga that waits for nothing, or for an operator. */
  abstract deadlines(ids: readonly string[]): Promise<Map<string, string | undefined>>;

  /** The number of sagas in each of {@link OPEN_STATES}, by definition; empty groups are left out. */
  abstract open(): Promise<SagaGroup[]>;
}
