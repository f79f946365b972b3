import type { SagaState, SagaStatus } from './engine/state.js';
import type { OverdueSagas } from './timers.js';

export interface SagaQuery {
  readonly status?: SagaStatus;
  readonly correlationId?: string;
  /** The last saga of the previous page: the list continues with sagas that started before it. */
  readonly before?: { readonly startedAt: string; readonly id: string };
  readonly limit: number;
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

/** Finds sagas by their subject and their status. The results may be slightly older than the sagas themselves. */
export abstract class SagaFinder implements OverdueSagas {
  /** Latest first; sagas that started in the same millisecond are ordered by id, highest first. */
  abstract list(query: SagaQuery): Promise<SagaState[]>;

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
