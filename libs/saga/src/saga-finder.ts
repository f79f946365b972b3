import type { SagaState, SagaStatus } from './engine/state.js';
import type { OverdueSagas } from './timers.js';

export interface SagaQuery {
  readonly status?: SagaStatus;
  readonly correlationId?: string;
  /** The last one of the page before: later ones come first. */
  readonly before?: { readonly startedAt: string; readonly id: string };
  readonly limit: number;
}

/** The sagas of one definition in one state. */
export interface SagaGroup {
  readonly definition: string;
  readonly state: SagaStatus;
  readonly count: number;
  /** When the oldest of them was begun. */
  readonly oldest: Date;
}

/** The states of sagas that somebody still has to do something about. */
export const OPEN_STATES: readonly SagaStatus[] = ['running', 'compensating', 'parked'];

/** Finds sagas by what they are about and how they stand; a moment behind the sagas themselves. */
export abstract class SagaFinder implements OverdueSagas {
  /** Latest first; of those begun in the same millisecond the higher id. */
  abstract list(query: SagaQuery): Promise<SagaState[]>;

  /** Those whose time limit is over, the most overdue first, but for these; a parked one waits for an operator, and has none. */
  abstract overdue(now: Date, limit: number, except?: readonly string[]): Promise<SagaState[]>;

  /** When the time limits of these are over, ISO 8601; none where one waits for nothing, or for an operator. */
  abstract deadlines(ids: readonly string[]): Promise<Map<string, string | undefined>>;

  /** How many there are in each of {@link OPEN_STATES}, by definition; groups of none are left out. */
  abstract open(): Promise<SagaGroup[]>;
}
