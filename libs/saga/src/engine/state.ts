import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { unreachable } from '@seam/kernel';
import { z } from 'zod';
import type { Failure } from '../definition.js';

/** `undo` is the stored word for compensating: events and messages of every version have it. */
export type Phase = 'do' | 'undo';

/** What the saga waits for: a reply to this step's command, until the deadline (ISO 8601). */
export interface Pending {
  readonly step: number;
  readonly phase: Phase;
  readonly attempt: number;
  readonly deadline: string;
  /** Its command has not been sent, because the saga is paused. */
  readonly held?: true;
}

export interface StepState {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'done' | 'refused' | 'compensating' | 'compensated' | 'skipped';
  readonly attempts: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly error?: string;
  /** The reply's data, once it is done; none if they are empty. */
  readonly result?: unknown;
  /** It may have been done before the saga was restarted from it or from an earlier step: it has to be compensated. */
  readonly happened?: true;
}

export type SagaStatus = 'running' | 'compensating' | 'completed' | 'compensated' | 'parked' | 'paused';

export const OPERATOR_ACTIONS = ['retry', 'skip', 'restart-from', 'compensate', 'run-now', 'pause', 'resume'] as const;
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

/** The operator's action that caused an event: what was asked for, by whom and why. */
export interface ByOperator {
  readonly action: OperatorAction;
  readonly reason: string;
  readonly by: { readonly id: string; readonly email: string };
}

interface Asked {
  readonly operator?: ByOperator;
}

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

/**
 * `next` is what the saga waits for after the event; if there is none, it has ended. `operator` is set where an operator's
 * action caused the event.
 */
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
  /**
   * `result`: the reply's data, left out if they are empty; or what an operator gave instead. `attempt`: the attempt that was
   * answered, if it was not the latest.
   */
  | DomainEvent<
      'step-completed',
      Asked & { step: number; next: Pending | undefined; result?: unknown; attempt?: number }
    >
  /** If an earlier attempt got no reply, the step is compensated all the same: its command may still arrive. */
  | DomainEvent<'step-refused', Failure & { step: number; next: Pending | undefined }>
  /** An optional step was refused, or given up: the saga continues. `happened`: it may have been done all the same. */
  | DomainEvent<'step-declined', Failure & { step: number; next: Pending | undefined; happened?: true }>
  /** The step's condition was not met. */
  | DomainEvent<'step-skipped', { step: number; next: Pending | undefined }>
  /** No attempt got a reply: the step may have happened, so it is compensated as well. */
  | DomainEvent<'step-given-up', Asked & Failure & { step: number; next: Pending | undefined }>
  | DomainEvent<'step-compensated', Asked & { step: number; next: Pending | undefined }>
  | DomainEvent<'step-retried', Asked & { reason: string; next: Pending }>
  | DomainEvent<'abort-requested', Asked & Failure>
  | DomainEvent<'saga-parked', { reason: string }>
  | DomainEvent<'saga-redriven', Asked & { next: Pending }>
  /** It goes on recording replies, and sends nothing until it is resumed. */
  | DomainEvent<'saga-paused', Required<Asked>>
  | DomainEvent<'saga-resumed', Required<Asked> & { next: Pending }>
  /** The steps from `next` to the one that it waited for are to be done again. */
  | DomainEvent<'saga-restarted', Required<Asked> & { next: Pending }>;

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

/** A saga that is parked or paused is settled until an operator lets it continue. */
function settled({ status }: SagaState): boolean {
  return status === 'completed' || status === 'compensated' || standsStill({ status });
}

/** Whether it sends nothing until an operator lets it continue. */
export const standsStill = ({ status }: Pick<SagaState, 'status'>): boolean =>
  status === 'parked' || status === 'paused';

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
    case 'step-declined': {
      const declined = endStep(state, event, 'refused');
      const { step, happened } = event.data;
      return proceed(happened ? updateStep(declined, step, (one) => ({ ...one, happened })) : declined, event);
    }
    case 'step-skipped':
      return proceed(endStep(state, event, 'skipped'), event);
    case 'step-given-up':
      return proceed({ ...state, failure: state.failure ?? failureOf(event.data) }, event);
    case 'step-compensated':
      return proceed(endStep(state, event, 'compensated'), event);
    case 'step-retried':
      return startStep(withError(state, event.data.reason), event.data.next, event.at);
    case 'abort-requested':
      return { ...state, failure: failureOf(event.data), status: standsStill(state) ? state.status : 'compensating' };
    case 'saga-parked':
      return { ...withError(state, event.data.reason), status: 'parked' };
    case 'saga-redriven':
    case 'saga-resumed':
      return startStep({ ...state, status: statusOf(state) }, event.data.next, event.at);
    case 'saga-paused':
      return { ...state, status: 'paused' };
    case 'saga-restarted':
      return proceed(restarted(state, event.data.next), event);
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
  event: { at: string; data: { step: number; code?: string; reason?: string; result?: unknown } },
  how: StepState['state'],
): SagaState {
  const { step, code, reason, result } = event.data;
  return updateStep(state, step, ({ error: _, ...before }) => ({
    ...before,
    state: how,
    endedAt: event.at,
    ...(code === undefined ? {} : { error: `${code}: ${reason ?? ''}` }),
    ...(result === undefined ? {} : { result }),
  }));
}

function proceed(state: SagaState, event: { at: string; data: { next: Pending | undefined } }): SagaState {
  const { next } = event.data;
  const status = state.status === 'paused' ? 'paused' : statusOf(state);
  if (next !== undefined) return startStep({ ...state, status }, next, event.at);
  return { ...state, pending: undefined, status: state.failure === undefined ? 'completed' : 'compensated' };
}

/** Those of these steps that ran or may have run are compensated if the saga fails later. */
function restarted(state: SagaState, { step: first }: Pending): SagaState {
  const { step: last = first, held } = state.pending ?? {};
  const steps = state.steps.map((step, index): StepState => {
    if (index < first || index > last) return step;
    const again = { name: step.name, state: 'waiting', attempts: 0 } as const;
    return index === last && held === true && step.happened !== true ? again : { ...again, happened: true };
  });
  return { ...state, steps };
}

function startStep(state: SagaState, next: Pending, at: string): SagaState {
  const started = updateStep(state, next.step, (step) => ({
    ...step,
    state: next.phase === 'do' ? 'running' : 'compensating',
    attempts: next.phase === 'do' ? next.attempt : step.attempts,
    startedAt: step.startedAt ?? at,
  }));
  return { ...started, pending: next };
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
  standsStill({ status }) ? undefined : pending?.deadline;
