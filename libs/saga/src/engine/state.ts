import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { unreachable } from '@seam/kernel';
import { z } from 'zod';
import type { Failure } from '../definition.js';

export type Phase = 'do' | 'undo';

/** What the saga waits for: a reply to this step's command, until the deadline (ISO 8601). */
export interface Pending {
  readonly step: number;
  readonly phase: Phase;
  readonly attempt: number;
  readonly deadline: string;
}

export interface StepState {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'done' | 'refused' | 'undoing' | 'undone';
  readonly attempts: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly error?: string;
}

export type SagaStatus = 'running' | 'compensating' | 'completed' | 'compensated' | 'parked';

export interface SagaState<D = unknown> {
  readonly id: string;
  readonly definition: string;
  readonly version: number;
  /** `none` before it is started. */
  readonly status: SagaStatus | 'none';
  readonly correlationId: string;
  readonly data: D;
  readonly steps: readonly StepState[];
  readonly pending: Pending | undefined;
  readonly failure: Failure | undefined;
  readonly startedAt: string;
}

/** `next` is what the saga waits for after the event; if there is none, it has ended. */
export type SagaEvent =
  | DomainEvent<
      'saga-started',
      {
        id: string;
        definition: string;
        version: number;
        correlationId: string;
        data: unknown;
        steps: readonly string[];
        /** Number of steps, from the first, that were done by starting it. */
        done: number;
        next: Pending | undefined;
      }
    >
  | DomainEvent<'step-completed', { step: number; next: Pending | undefined }>
  /** If an earlier attempt got no reply, the step is compensated all the same: its command may still arrive. */
  | DomainEvent<'step-refused', Failure & { step: number; next: Pending | undefined }>
  /** No attempt got a reply: the step may have happened, so it is compensated as well. */
  | DomainEvent<'step-given-up', Failure & { step: number; next: Pending | undefined }>
  | DomainEvent<'step-compensated', { step: number; next: Pending | undefined }>
  | DomainEvent<'step-retried', { reason: string; next: Pending }>
  | DomainEvent<'abort-requested', Failure>
  | DomainEvent<'saga-parked', { reason: string }>
  | DomainEvent<'saga-redriven', { next: Pending }>;

const initial: SagaState = {
  id: '',
  definition: '',
  version: 0,
  status: 'none',
  correlationId: '',
  data: undefined,
  steps: [],
  pending: undefined,
  failure: undefined,
  startedAt: '',
};

/** Sagas as event-sourced aggregates. Their events contain what they wait for, and until when. */
export const Saga: Aggregate<SagaState, SagaEvent> = { category: 'saga', initial, evolve, check, settled };

/** A parked saga is settled until an operator redrives it. */
function settled({ status }: SagaState): boolean {
  return status === 'completed' || status === 'compensated' || status === 'parked';
}

const Next = z.looseObject({
  step: z.int(),
  phase: z.enum(['do', 'undo']),
  attempt: z.int(),
  deadline: z.iso.datetime(),
});
const Started = z.looseObject({
  id: z.string(),
  definition: z.string(),
  version: z.int(),
  correlationId: z.string(),
  steps: z.array(z.string()),
  done: z.int(),
  next: Next.optional(),
});
const Moved = z.looseObject({ next: Next.optional() });

/** Checks only the fields that the fold needs: what older versions have stored must stay readable. */
function check({ type, data }: DomainEvent): void {
  (type === 'saga-started' ? Started : Moved).parse(data);
}

function evolve(state: SagaState, event: SagaEvent): SagaState {
  switch (event.type) {
    case 'saga-started':
      return started(event);
    case 'step-completed':
      return proceed(endStep(state, event, 'done'), event);
    case 'step-refused':
      return proceed({ ...endStep(state, event, 'refused'), failure: state.failure ?? failureOf(event.data) }, event);
    case 'step-given-up':
      return proceed({ ...state, failure: state.failure ?? failureOf(event.data) }, event);
    case 'step-compensated':
      return proceed(endStep(state, event, 'undone'), event);
    case 'step-retried':
      return startStep(withError(state, event.data.reason), event.data.next, event.at);
    case 'abort-requested':
      return { ...state, failure: event.data, status: state.status === 'parked' ? 'parked' : 'compensating' };
    case 'saga-parked':
      return { ...withError(state, event.data.reason), status: 'parked' };
    case 'saga-redriven':
      return startStep({ ...state, status: statusOf(state) }, event.data.next, event.at);
    default:
      return unreachable(event);
  }
}

function started(event: Extract<SagaEvent, { type: 'saga-started' }>): SagaState {
  const { steps, done, next, ...head } = event.data;
  const state: SagaState = {
    ...head,
    status: 'running',
    steps: steps.map((name, index) =>
      index < done
        ? { name, state: 'done', attempts: 1, startedAt: event.at, endedAt: event.at }
        : { name, state: 'waiting', attempts: 0 },
    ),
    pending: undefined,
    failure: undefined,
    startedAt: event.at,
  };
  return next === undefined ? { ...state, status: 'completed' } : startStep(state, next, event.at);
}

const failureOf = ({ code, reason }: Failure): Failure => ({ code, reason });

const statusOf = ({ failure }: SagaState): SagaStatus => (failure === undefined ? 'running' : 'compensating');

function endStep(
  state: SagaState,
  event: { at: string; data: { step: number; code?: string; reason?: string } },
  how: StepState['state'],
): SagaState {
  const { step, code, reason } = event.data;
  return updateStep(state, step, ({ error: _, ...before }) => ({
    ...before,
    state: how,
    endedAt: event.at,
    ...(code === undefined ? {} : { error: `${code}: ${reason ?? ''}` }),
  }));
}

function proceed(state: SagaState, event: { at: string; data: { next: Pending | undefined } }): SagaState {
  const { next } = event.data;
  if (next !== undefined) return startStep({ ...state, status: statusOf(state) }, next, event.at);
  return { ...state, pending: undefined, status: state.failure === undefined ? 'completed' : 'compensated' };
}

function startStep(state: SagaState, next: Pending, at: string): SagaState {
  const begun = updateStep(state, next.step, (step) => ({
    ...step,
    state: next.phase === 'do' ? 'running' : 'undoing',
    attempts: next.phase === 'do' ? next.attempt : step.attempts,
    startedAt: step.startedAt ?? at,
  }));
  return { ...begun, pending: next };
}

function withError(state: SagaState, reason: string): SagaState {
  const { pending } = state;
  return pending === undefined ? state : updateStep(state, pending.step, (step) => ({ ...step, error: reason }));
}

const updateStep = (state: SagaState, index: number, change: (step: StepState) => StepState): SagaState => ({
  ...state,
  steps: state.steps.map((step, at) => (at === index ? change(step) : step)),
});

/** When it times out, ISO 8601; none if it waits for nothing, or for an operator. */
export const deadlineOf = ({ status, pending }: SagaState): string | undefined =>
  status === 'parked' ? undefined : pending?.deadline;
