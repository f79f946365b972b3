import type { Outcome } from '@seam/messaging/contract';
import { unreachable } from '@seam/kernel';
import type { z } from 'zod';
import type { Failure, SagaDefinition } from '../definition.js';
import { attemptLimitMs } from './attempt-limit.js';
import { type Pending, type Phase, type SagaEvent, type SagaState, standsStill, type StepState } from './state.js';

/** What can happen to a running saga. */
export type SagaInput =
  | {
      readonly type: 'reply';
      readonly step: string;
      readonly phase: Phase;
      readonly outcome: Outcome;
      /** The attempt that is answered; missing in replies to commands of earlier versions. */
      readonly attempt?: number;
    }
  /** This attempt has timed out. */
  | { readonly type: 'timeout'; readonly step: string; readonly phase: Phase; readonly attempt: number }
  | ({ readonly type: 'abort' } & Failure)
  /** An operator restarts a parked saga from its current step. */
  | { readonly type: 'redrive' };

export type Definition = Pick<SagaDefinition, 'name' | 'version' | 'steps' | 'pivotAt'>;

/** The schema of the reply to what the saga waits for, as later steps get the result; undefined: its result is not used. */
export function replySchema({ steps }: Pick<Definition, 'steps'>, { step, phase }: Pending): z.ZodType | undefined {
  const action = steps[step]?.do;
  return phase === 'do' && action?.kind === 'send' ? action.contract.reply : undefined;
}

/** Whether the saga is past its point of no return: it only goes forward. */
export const isPastPivot = ({ pivotAt }: Pick<Definition, 'pivotAt'>, { pending }: SagaState): boolean =>
  pivotAt !== undefined && pending?.phase === 'do' && pending.step >= pivotAt;

/** A saga's first event. `id` is its stream's; a step that is done by starting the saga counts as done. */
export function start(
  definition: Definition,
  saga: { id: string; correlationId: string; data: unknown },
  at: string,
): SagaEvent {
  const done = definition.steps[0]?.do.kind === 'started' ? 1 : 0;
  return {
    type: 'saga-started',
    at,
    data: {
      ...saga,
      definition: definition.name,
      version: definition.version,
      steps: definition.steps.map((step) => step.name),
      done,
      next: pendingAt(definition, saga.id, done, 'do', 1, at),
    },
  };
}

/**
 * The events that an input causes. Pure, and safe to repeat: a reply that the saga does not wait for (any more), such
 * as a late or repeated one, causes no event.
 */
export function decide(definition: Definition, state: SagaState, input: SagaInput, at: string): SagaEvent[] {
  switch (input.type) {
    case 'reply':
      return onReply(definition, state, input, at);
    case 'timeout':
      return onTimeout(definition, state, input, at);
    case 'abort':
      return onAbort(definition, state, { code: input.code, reason: input.reason }, at);
    case 'redrive':
      return onRedrive(definition, state, at);
    default:
      return unreachable(input);
  }
}

/** Whether the saga can still be aborted: it has not ended, and is not compensating yet. */
export const canAbort = ({ pending, failure, status }: SagaState): boolean =>
  pending !== undefined && (failure === undefined || (status === 'parked' && pending.phase === 'do'));

/** The reply to a pending step is waited for; a parked saga does not wait any more. */
export function onAbort(definition: Definition, state: SagaState, failure: Failure, at: string): SagaEvent[] {
  if (!canAbort(state) || isPastPivot(definition, state)) return [];
  const asked: SagaEvent[] = state.failure === undefined ? [{ type: 'abort-requested', at, data: failure }] : [];
  return state.status === 'parked' ? [...asked, ...giveUp(definition, state, failure, at)] : asked;
}

/** Compensates from a step without a reply: it may have happened, so it is compensated as well. */
export function giveUp(definition: Definition, state: SagaState, asked: Failure, at: string): SagaEvent[] {
  if (state.pending === undefined) return [];
  const { step } = state.pending;
  const next = before(definition, state, endOf(state, step + 1), at, step);
  return [{ type: 'step-given-up', at, data: { ...(state.failure ?? asked), step, next } }];
}

export function onReply(
  definition: Definition,
  state: SagaState,
  reply: Extract<SagaInput, { type: 'reply' }>,
  at: string,
): SagaEvent[] {
  const { pending } = state;
  if (pending === undefined || !waitsFor(state, reply)) return [];
  const { step, phase } = pending;
  const { outcome } = reply;
  if (phase === 'undo') {
    if (outcome.outcome === 'done')
      return [{ type: 'step-compensated', at, data: { step, next: before(definition, state, step, at) } }];
    if (state.status === 'parked') return [];
    return [{ type: 'saga-parked', at, data: { reason: `cannot be compensated: ${outcome.code}: ${outcome.reason}` } }];
  }
  if (outcome.outcome === 'refused') {
    // The command of an attempt without a reply may still arrive and be carried out, so its step is compensated as
    // well.
    const unanswered = pending.attempt > 1 || state.steps[step]?.error !== undefined;
    if (definition.steps[step]?.optional === true && state.failure === undefined)
      return [declined(definition, state, step, outcome, unanswered, at)];
    if (isPastPivot(definition, state)) return parkedByRefusal(state, outcome, at);
    const next = unanswered
      ? before(definition, state, endOf(state, step + 1), at, step)
      : before(definition, state, endOf(state, step), at);
    return [{ type: 'step-refused', at, data: { step, code: outcome.code, reason: outcome.reason, next } }];
  }
  const next =
    state.failure === undefined
      ? pendingAt(definition, state.id, step + 1, 'do', 1, at)
      : before(definition, state, endOf(state, step + 1), at, step);
  const result = isEmpty(outcome.data) ? {} : { result: outcome.data };
  const answered = reply.attempt === undefined || reply.attempt === pending.attempt ? {} : { attempt: reply.attempt };
  return [{ type: 'step-completed', at, data: { step, next, ...result, ...answered } }];
}

/** The saga continues without the step, and compensates it if it fails later, where it may have been done. */
function declined(
  definition: Definition,
  state: SagaState,
  step: number,
  { code, reason }: Failure,
  happened: boolean,
  at: string,
): SagaEvent {
  const next = pendingAt(definition, state.id, step + 1, 'do', 1, at);
  return { type: 'step-declined', at, data: { step, code, reason, next, ...(happened ? { happened } : {}) } };
}

const parkedByRefusal = ({ status }: SagaState, { code, reason }: Failure, at: string): SagaEvent[] =>
  status === 'parked'
    ? []
    : [{ type: 'saga-parked', at, data: { reason: `refused after the pivot: ${code}: ${reason}` } }];

/** Most replies say only that the command is done. */
const isEmpty = (data: unknown): boolean =>
  data === undefined || (typeof data === 'object' && data !== null && Object.keys(data).length === 0);

function onTimeout(
  definition: Definition,
  state: SagaState,
  timeout: Extract<SagaInput, { type: 'timeout' }>,
  at: string,
): SagaEvent[] {
  const { pending } = state;
  if (pending === undefined || standsStill(state) || !waitsFor(state, timeout)) return [];
  if (pending.attempt !== timeout.attempt) return [];
  const { step: index, phase, attempt } = pending;
  const step = definition.steps[index];
  if (step === undefined) return [];
  // While compensating, no further step is done, and no forward step is retried.
  if (phase === 'do' && state.failure !== undefined) return giveUp(definition, state, state.failure, at);
  const reason = `no answer within the time limit (attempt ${attempt} of ${step.retry.attempts})`;
  if (attempt < step.retry.attempts) {
    const next = pendingAt(definition, state.id, index, phase, attempt + 1, at);
    return next === undefined ? [] : [{ type: 'step-retried', at, data: { reason, next } }];
  }
  if (phase === 'undo' || step.onRetriesExhausted === 'park') return [{ type: 'saga-parked', at, data: { reason } }];
  if (step.optional) return [declined(definition, state, index, step.onRetriesExhausted, true, at)];
  return giveUp(definition, state, step.onRetriesExhausted, at);
}

export function onRedrive(definition: Definition, state: SagaState, at: string): SagaEvent[] {
  if (state.status !== 'parked' || state.pending === undefined) return [];
  if (state.pending.phase === 'do' && state.failure !== undefined) return giveUp(definition, state, state.failure, at);
  const next = pendingAt(definition, state.id, state.pending.step, state.pending.phase, 1, at);
  return next === undefined ? [] : [{ type: 'saga-redriven', at, data: { next } }];
}

const waitsFor = ({ pending, steps }: SagaState, { step, phase }: { step: string; phase: Phase }): boolean =>
  pending !== undefined && pending.phase === phase && steps[pending.step]?.name === step;

/** The index after this one and after every step that may have been done before the saga was restarted. */
const endOf = ({ steps }: SagaState, after: number): number =>
  Math.max(after, steps.findLastIndex(mayHaveHappened) + 1);

const mayHaveHappened = ({ state, happened }: StepState): boolean =>
  state === 'done' || (happened === true && state !== 'compensated');

/** The last step before this one that is done (or, as `unknown`, may be) and can be compensated. */
function before(
  definition: Definition,
  state: SagaState,
  index: number,
  at: string,
  unknown?: number,
): Pending | undefined {
  for (let step = index - 1; step >= 0; step -= 1) {
    const happened = step === unknown || state.steps.slice(step, step + 1).some(mayHaveHappened);
    if (happened && definition.steps[step]?.compensate !== undefined)
      return pendingAt(definition, state.id, step, 'undo', 1, at);
  }
  return undefined;
}

export function pendingAt(
  definition: Definition,
  saga: string,
  step: number,
  phase: Phase,
  attempt: number,
  at: string,
): Pending | undefined {
  const of = definition.steps[step];
  if (of === undefined) return undefined;
  const deadline = new Date(Date.parse(at) + attemptLimitMs(of, saga, attempt)).toISOString();
  return { step, phase, attempt, deadline };
}
