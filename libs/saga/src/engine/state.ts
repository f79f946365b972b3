import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { unreachable } from '@seam/kernel';
import { z } from 'zod';
import type { Failure } from '../definition.js';
import { firstDue, type Pending, pendingsOf, type Waiting } from './pending.js';

export type { Pending, Phase } from './pending.js';

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
  /** The other steps of a group that it waits for; missing if there are none. */
  readonly also?: readonly Pending[];
  readonly failure: Failure | undefined;
  readonly startedAt: string;
  /** When the time for the whole saga is over, ISO 8601; none once that has passed, or if it has no limit. */
  readonly deadline?: string;
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
        /** When the time for the whole saga is over, ISO 8601; only if its definition says so. */
        deadline?: string;
      } & Waiting
    >
  /**
   * `result`: the reply's data, left out if they are empty; or what an operator gave instead. `attempt`: the attempt that was
   * answered, if it was not the latest.
   */
  | DomainEvent<'step-completed', Asked & Waiting & { step: number; result?: unknown; attempt?: number }>
  /**
   * If an earlier attempt got no reply, the step is compensated all the same: its command may still arrive. `happened`: so,
   * once the rest of its group is answered.
   */
  | DomainEvent<'step-refused', Failure & Waiting & { step: number; happened?: true }>
  /** An optional step was refused, or given up: the saga continues. `happened`: it may have been done all the same. */
  | DomainEvent<'step-declined', Failure & Waiting & { step: number; happened?: true }>
  /** The step's condition was not met. */
  | DomainEvent<'step-skipped', Waiting & { step: number }>
  /** No attempt got a reply: the step may have happened, so it is compensated as well. */
  | DomainEvent<'step-given-up', Asked & Failure & Waiting & { step: number }>
  | DomainEvent<'step-compensated', Asked & Waiting & { step: number }>
  /** `step`: the one that was not answered, if the saga waits for others as well. */
  | DomainEvent<'step-retried', Asked & Waiting<Pending> & { reason: string; step?: number }>
  | DomainEvent<'abort-requested', Asked & Failure>
  /** The time for the whole saga was over. What follows from it, if anything, are further events. */
  | DomainEvent<'deadline-passed', object>
  /** `step`: the one because of which it is parked, if the saga waits for others as well. */
  | DomainEvent<'saga-parked', { reason: string; step?: number }>
  | DomainEvent<'saga-redriven', Asked & Waiting<Pending>>
  /** It goes on recording replies, and sends nothing until it is resumed. */
  | DomainEvent<'saga-paused', Required<Asked>>
  | DomainEvent<'saga-resumed', Required<Asked> & Waiting<Pending>>
  /** The steps from `next` to the one that it waited for are to be done again. */
  | DomainEvent<'saga-restarted', Required<Asked> & Waiting<Pending>>;

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
const Also = z.array(Next).optional();
const Started = z.looseObject({
  id: z.string(),
  definition: z.string(),
  version: z.int(),
  correlationId: z.string(),
  steps: z.array(z.string()),
  done: z.int(),
  next: Next.optional(),
  also: Also,
});
const Moved = z.looseObject({ next: Next.optional(), also: Also });

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
    case 'step-declined': {
      const { step, happened } = event.data;
      const ended = markHappened(endStep(state, event, 'refused'), step, happened);
      const failure = event.type === 'step-refused' ? (state.failure ?? failureOf(event.data)) : state.failure;
      return proceed({ ...ended, failure }, event);
    }
    case 'step-skipped':
      return proceed(endStep(state, event, 'skipped'), event);
    case 'step-given-up': {
      const { step, next } = event.data;
      // Where it is not compensated at once, as others of its group are waited for or compensated first, that is kept.
      const later = next === undefined || (next.step === step && next.phase === 'undo') ? undefined : true;
      const ended = next?.phase === 'do' ? endStep(state, event, 'refused') : state;
      const failure = state.failure ?? failureOf(event.data);
      return proceed({ ...markHappened(ended, step, later), failure }, event);
    }
    case 'step-compensated':
      return proceed(endStep(state, event, 'compensated'), event);
    case 'step-retried':
      return wait(withError(state, event.data), event.data, event.at);
    case 'abort-requested':
      return { ...state, failure: failureOf(event.data), status: standsStill(state) ? state.status : 'compensating' };
    case 'deadline-passed': {
      const { deadline: _, ...rest } = state;
      return rest;
    }
    case 'saga-parked':
      return { ...parkedAt(withError(state, event.data), event.data.step), status: 'parked' };
    case 'saga-redriven':
    case 'saga-resumed':
      return wait({ ...state, status: statusOf(state) }, event.data, event.at);
    case 'saga-paused':
      return { ...state, status: 'paused' };
    case 'saga-restarted':
      return proceed(restarted(state, event.data.next), event);
    default:
      return unreachable(event);
  }
}

function started(event: Extract<SagaEvent, { type: 'saga-started' }>): SagaState {
  const { steps, done, next, also: _, ...head } = event.data;
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
  return next === undefined ? { ...state, status: 'completed' } : wait(state, event.data, event.at);
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

function proceed(state: SagaState, event: { at: string; data: Waiting }): SagaState {
  const after = wait(state, event.data, event.at);
  if (after.pending === undefined)
    return { ...after, status: state.failure === undefined ? 'completed' : 'compensated' };
  if (state.status === 'paused') return after;
  const parked = after.also !== undefined || after.pending.parked === true ? pendingsOf(after).some(isParked) : false;
  return { ...after, status: parked ? 'parked' : statusOf(state) };
}

const isParked = ({ parked }: Pending): boolean => parked === true;

/** Those of these steps that ran or may have run are compensated if the saga fails later. */
function restarted(state: SagaState, { step: first }: Pending): SagaState {
  const unsent = new Set(pendingsOf(state).flatMap(({ step, held }) => (held === true ? [step] : [])));
  const steps = state.steps.map((step, index): StepState => {
    if (index < first || step.state === 'waiting') return step;
    const again = { name: step.name, state: 'waiting', attempts: 0 } as const;
    return unsent.has(index) && step.happened !== true ? again : { ...again, happened: true };
  });
  return { ...state, steps };
}

/** The saga waits for these, and their steps have started. */
function wait(state: SagaState, { next, also }: Waiting, at: string): SagaState {
  let started = next === undefined ? state : startStep(state, next, at);
  for (const one of also ?? []) started = startStep(started, one, at);
  if (also === undefined && started.also === undefined) return { ...started, pending: next };
  const { also: _, ...rest } = started;
  return { ...rest, pending: next, ...(also === undefined ? {} : { also }) };
}

const startStep = (state: SagaState, next: Pending, at: string): SagaState =>
  updateStep(state, next.step, (step) => ({
    ...step,
    state: next.phase === 'do' ? 'running' : 'compensating',
    attempts: next.phase === 'do' ? next.attempt : step.attempts,
    startedAt: step.startedAt ?? at,
  }));

function withError(
  state: SagaState,
  { reason, step = state.pending?.step }: { reason: string; step?: number },
): SagaState {
  return step === undefined ? state : updateStep(state, step, (of) => ({ ...of, error: reason }));
}

/** Where the saga waits for several steps, it is remembered which of them has no further attempt. */
function parkedAt(state: SagaState, step: number | undefined): SagaState {
  if (step === undefined || state.pending === undefined) return state;
  const marked = (one: Pending): Pending => (one.step === step ? { ...one, parked: true } : one);
  const { pending, also } = state;
  return { ...state, pending: marked(pending), ...(also === undefined ? {} : { also: also.map(marked) }) };
}

const markHappened = (state: SagaState, index: number, happened: true | undefined): SagaState =>
  happened === undefined ? state : updateStep(state, index, (step) => ({ ...step, happened }));

const updateStep = (state: SagaState, index: number, change: (step: StepState) => StepState): SagaState => ({
  ...state,
  steps: state.steps.map((step, at) => (at === index ? change(step) : step)),
});

/**
 * When it times out, ISO 8601: what it waits for, or the whole saga. None if it has ended, or waits only for an operator.
 */
export function deadlineOf(saga: SagaState): string | undefined {
  const own = standsStill(saga) ? undefined : firstDue(saga)?.deadline;
  const whole = wholeDeadlineOf(saga);
  return own === undefined || (whole !== undefined && whole < own) ? whole : own;
}

/** When the time for the whole saga is over, as long as that would change anything. */
export const wholeDeadlineOf = ({ deadline, pending, failure }: SagaState): string | undefined =>
  pending === undefined || failure !== undefined ? undefined : deadline;
