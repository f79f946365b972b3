import type { Outcome } from '@seam/messaging/contract';
import { unreachable } from '@seam/kernel';
import type { z } from 'zod';
import type { Failure } from '../definition.js';
import { before, endOf, giveUp, onAbort, onDeadline, stuckAt, thenGiveUp } from './compensation.js';
import { after, type Definition, enter, isPastPivot, pendingAt } from './next-steps.js';
import { othersThan, type Pending, pendingsOf, type Phase, type Waiting, waitingFor } from './pending.js';
import { type SagaEvent, type SagaState, standsStill } from './state.js';

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
  /** The time for the whole saga is over. */
  | { readonly type: 'deadline' }
  /** An operator restarts a parked saga from its current step. */
  | { readonly type: 'redrive' };

/** The schema of the reply to, or of the event for, what the saga waits for, as later steps get the result; undefined: its result is not used. */
export function replySchema({ steps }: Pick<Definition, 'steps'>, { step, phase }: Pending): z.ZodType | undefined {
  const action = steps[step]?.do;
  if (phase === 'undo' || action === undefined) return undefined;
  return action.kind === 'send' ? action.contract.reply : action.kind === 'wait' ? action.event.data : undefined;
}

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
      ...enter(definition, saga.id, done, at),
      ...(definition.deadline === undefined ? {} : { deadline: later(at, definition.deadline.withinMs) }),
    },
  };
}

const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

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
    case 'deadline':
      return onDeadline(definition, state, at);
    case 'redrive':
      return onRedrive(definition, state, at);
    default:
      return unreachable(input);
  }
}

export function onReply(
  definition: Definition,
  state: SagaState,
  reply: Extract<SagaInput, { type: 'reply' }>,
  at: string,
): SagaEvent[] {
  const pending = awaited(state, reply);
  if (pending === undefined) return [];
  const { step, phase } = pending;
  const { outcome } = reply;
  const others = othersThan(state, pending);
  if (phase === 'undo') {
    if (outcome.outcome === 'done')
      return [{ type: 'step-compensated', at, data: { step, next: before(definition, state, step, at) } }];
    if (state.status === 'parked') return [];
    return [{ type: 'saga-parked', at, data: { reason: `cannot be compensated: ${outcome.code}: ${outcome.reason}` } }];
  }
  if (outcome.outcome === 'refused') return onRefusal(definition, state, pending, outcome, at);
  const waiting =
    others.length > 0
      ? waitingFor(others)
      : state.failure === undefined
        ? after(definition, state, step, at)
        : { next: before(definition, state, endOf(state, step + 1), at, step) };
  const result = isEmpty(outcome.data) ? {} : { result: outcome.data };
  const answered = reply.attempt === undefined || reply.attempt === pending.attempt ? {} : { attempt: reply.attempt };
  return [{ type: 'step-completed', at, data: { step, ...waiting, ...result, ...answered } }];
}

function onRefusal(
  definition: Definition,
  state: SagaState,
  pending: Pending,
  { code, reason }: Failure,
  at: string,
): SagaEvent[] {
  const { step, attempt } = pending;
  const others = othersThan(state, pending);
  // The command of an attempt without a reply may still arrive and be carried out, so its step is compensated as
  // well.
  const unanswered = attempt > 1 || state.steps[step]?.error !== undefined;
  if (definition.steps[step]?.optional === true && state.failure === undefined)
    return [declined(definition, state, pending, { code, reason }, unanswered, at)];
  if (isPastPivot(definition, state)) return parkedByRefusal(state, pending, { code, reason }, at);
  // In a group, others may be compensated first.
  const happened = unanswered && definition.steps[step]?.group !== undefined ? { happened: true as const } : {};
  const waiting =
    others.length > 0
      ? waitingFor(others)
      : {
          next: before(
            definition,
            state,
            endOf(state, unanswered ? step + 1 : step),
            at,
            unanswered ? step : undefined,
          ),
        };
  const refused: SagaEvent = { type: 'step-refused', at, data: { step, code, reason, ...waiting, ...happened } };
  return thenGiveUp(definition, state, [refused], at);
}

/** The saga continues without the step, and compensates it if it fails later, where it may have been done. */
function declined(
  definition: Definition,
  state: SagaState,
  pending: Pending,
  { code, reason }: Failure,
  happened: boolean,
  at: string,
): SagaEvent {
  const { step } = pending;
  const others = othersThan(state, pending);
  const waiting = others.length > 0 ? waitingFor(others) : after(definition, state, step, at);
  return { type: 'step-declined', at, data: { step, code, reason, ...waiting, ...(happened ? { happened } : {}) } };
}

function parkedByRefusal(state: SagaState, pending: Pending, { code, reason }: Failure, at: string): SagaEvent[] {
  if (stuckAt(state).includes(pending)) return [];
  return [parked(state, pending, `refused after the pivot: ${code}: ${reason}`, at)];
}

const parked = (state: SagaState, { step }: Pending, reason: string, at: string): SagaEvent => ({
  type: 'saga-parked',
  at,
  data: { reason, ...(state.also === undefined ? {} : { step }) },
});

/** Most replies say only that the command is done. */
const isEmpty = (data: unknown): boolean =>
  data === undefined || (typeof data === 'object' && data !== null && Object.keys(data).length === 0);

function onTimeout(
  definition: Definition,
  state: SagaState,
  timeout: Extract<SagaInput, { type: 'timeout' }>,
  at: string,
): SagaEvent[] {
  const pending = awaited(state, timeout);
  if (pending === undefined || standsStill(state)) return [];
  if (pending.attempt !== timeout.attempt) return [];
  const { step: index, phase, attempt } = pending;
  const step = definition.steps[index];
  if (step === undefined) return [];
  if (phase === 'do' && step.do.kind === 'sleep') return endSleep(definition, state, pending, at);
  // While compensating, no further step is done, and no forward step is retried.
  if (phase === 'do' && state.failure !== undefined) return giveUp(definition, state, state.failure, at, [pending]);
  const reason =
    step.do.kind === 'wait'
      ? `${step.do.event.type} has not come within the time limit`
      : `no answer within the time limit (attempt ${attempt} of ${step.retry.attempts})`;
  if (attempt < step.retry.attempts) {
    const waiting = replaced(state, pending, pendingAt(definition, state.id, index, phase, attempt + 1, at));
    const of = state.also === undefined ? {} : { step: index };
    return [{ type: 'step-retried', at, data: { reason, ...waiting, ...of } }];
  }
  if (phase === 'undo' || step.onRetriesExhausted === 'park') return [parked(state, pending, reason, at)];
  if (step.optional) return [declined(definition, state, pending, step.onRetriesExhausted, true, at)];
  return thenGiveUp(definition, state, giveUp(definition, state, step.onRetriesExhausted, at, [pending]), at);
}

/** As if it was answered: a step that sleeps is done when its time is over. */
export const endSleep = (definition: Definition, state: SagaState, { step }: Pending, at: string): SagaEvent[] =>
  onReply(
    definition,
    state,
    { type: 'reply', step: state.steps[step]?.name ?? '', phase: 'do', outcome: { outcome: 'done', data: {} } },
    at,
  );

export function onRedrive(definition: Definition, state: SagaState, at: string): SagaEvent[] {
  const stuck = stuckAt(state);
  if (state.pending === undefined || stuck.length === 0) return [];
  if (state.pending.phase === 'do' && state.failure !== undefined)
    return giveUp(definition, state, state.failure, at, stuck);
  const again = pendingsOf(state).map((one) =>
    stuck.includes(one) ? pendingAt(definition, state.id, one.step, one.phase, 1, at) : one,
  );
  return [{ type: 'saga-redriven', at, data: waitingFor(again as [Pending]) }];
}

/** What the saga waits for, with another attempt of one of these. */
const replaced = (state: SagaState, pending: Pending, again: Pending): Waiting<Pending> =>
  waitingFor(pendingsOf(state).map((one) => (one === pending ? again : one)) as [Pending]);

/** The one of what the saga waits for that is of this step, if it waits for it. */
export const awaited = (state: SagaState, { step, phase }: { step: string; phase: Phase }): Pending | undefined =>
  pendingsOf(state).find((one) => one.phase === phase && state.steps[one.step]?.name === step);
