import { CodedError, unreachable } from '@seam/kernel';
import { done } from '@seam/messaging/contract';
import { z } from 'zod';
import { giveUp, onAbort } from './compensation.js';
import { awaited, endSleep, onRedrive, onReply, replySchema } from './decide.js';
import { type Definition, enter, indexAfter, isPastPivot, onlyWaits, pendingAt } from './next-steps.js';
import { type Pending, pendingsOf, type Waiting, waitingFor } from './pending.js';
import { type ByOperator, type OperatorAction, type SagaEvent, type SagaState, standsStill } from './state.js';

/** The code with which a saga fails that an operator has compensated, unless the operator gives another one. */
export const OPERATOR_REQUEST = 'OPERATOR_REQUEST';

/** An operator's action on one saga. Reason and operator are stored in the events that it causes. */
export type OperatorRequest = Pick<ByOperator, 'reason' | 'by'> &
  (
    | { readonly action: Exclude<OperatorAction, 'skip' | 'restart-from' | 'compensate'> }
    /** The step counts as done, or as compensated, with this result instead of a reply's. */
    | { readonly action: 'skip'; readonly step: string; readonly result?: unknown }
    | { readonly action: 'restart-from'; readonly step: string }
    /** The code is the one that local compensations get. */
    | { readonly action: 'compensate'; readonly code?: string }
  );

/**
 * Why the request cannot be carried out in this state, if it cannot. A state that already is as requested is no conflict:
 * pausing a paused saga, resuming or compensating one that does so already.
 */
export function refusalOf(definition: Definition, state: SagaState, request: OperatorRequest): CodedError | undefined {
  const { id, status, failure, pending } = state;
  if (pending === undefined) return conflict('SAGA.ENDED', `Saga ${id} is ${status}: nothing is left to do`);
  switch (request.action) {
    case 'retry':
      return status === 'parked' ? undefined : notParked(state);
    case 'pause':
      return status === 'parked' ? standing(state, 'it sends nothing already') : undefined;
    case 'resume':
      return status === 'parked' ? standing(state, 'let it continue by retry') : undefined;
    case 'run-now':
      return standsStill(state) ? standing(state, 'let it continue by retry or resume') : undefined;
    case 'compensate':
      if (isPastPivot(definition, state))
        return conflict('SAGA.PAST_PIVOT', `Saga ${id} is past its pivot: it can only go forward`);
      return status === 'parked' && failure !== undefined && pending.phase === 'undo'
        ? standing(state, 'it is compensating already: retry or skip its step')
        : undefined;
    case 'skip':
      return notStanding(state) ?? notAt(state, request.step) ?? notResult(definition, state, request);
    case 'restart-from':
      return notStanding(state) ?? notRestartable(definition, state, request.step);
    default:
      return unreachable(request);
  }
}

const conflict = (code: string, message: string): CodedError => new CodedError('conflict', code, message);

export const notParked = ({ id, status }: SagaState): CodedError =>
  conflict('SAGA.NOT_PARKED', `Saga ${id} is ${status}, not parked`);

export const movedOn = ({ id, status }: SagaState): CodedError =>
  conflict('SAGA.MOVED_ON', `Saga ${id} is ${status} by now, and does not fit the filter any more`);

const standing = ({ id, status }: SagaState, what: string): CodedError =>
  conflict('SAGA.STANDS_STILL', `Saga ${id} is ${status}: ${what}`);

/** Otherwise a reply on its way could move the saga to another step than the operator has seen. */
const notStanding = (state: SagaState): CodedError | undefined =>
  standsStill(state)
    ? undefined
    : conflict('SAGA.NOT_STOPPED', `Saga ${state.id} is ${state.status}: pause it first, so that it stays at its step`);

const pendingNamed = (state: SagaState, step: string): Pending | undefined =>
  awaited(state, { step, phase: state.pending?.phase ?? 'do' });

function notAt(state: SagaState, step: string): CodedError | undefined {
  if (pendingNamed(state, step) !== undefined) return undefined;
  const at = pendingsOf(state).map((one) => state.steps[one.step]?.name);
  return conflict('SAGA.NOT_AT_STEP', `Saga ${state.id} is at ${at.join(' and ') || 'no step'}, not at ${step}`);
}

/** What counts as the step's reply has to be one of its command. */
function notResult(
  definition: Definition,
  state: SagaState,
  { step, result }: { readonly step: string; readonly result?: unknown },
): CodedError | undefined {
  const pending = pendingNamed(state, step);
  const parsed = pending && replySchema(definition, pending)?.safeParse(result ?? {});
  if (parsed?.error === undefined) return undefined;
  const message = `${step} cannot have this result: ${z.prettifyError(parsed.error)}`;
  return new CodedError('unprocessable', 'SAGA.INVALID_RESULT', message);
}

function notRestartable(definition: Definition, state: SagaState, name: string): CodedError | undefined {
  const { id, steps, pending, failure } = state;
  if (failure !== undefined)
    return conflict('SAGA.COMPENSATING', `Saga ${id} is to compensate (${failure.code}): it does no further step`);
  // After the pivot the steps before it are never done again: nothing could compensate what came after them.
  const first = isPastPivot(definition, state) ? (definition.pivotAt ?? 0) : 0;
  const isAction = (index: number): boolean => index >= first && definition.steps[index]?.do.kind !== 'started';
  const possible = steps
    .slice(0, pending === undefined ? 0 : indexAfter(definition, pending.step))
    .flatMap((step, index) => (isAction(index) ? [step.name] : []));
  if (possible.includes(name)) return undefined;
  const message = `Saga ${id} cannot restart from ${name}: it can from ${possible.join(', ')}`;
  return new CodedError('unprocessable', 'SAGA.UNKNOWN_STEP', message);
}

/** The events of an operator's request that is not refused; none if the saga already is as requested. Pure. */
export function decideByOperator(
  definition: Definition,
  state: SagaState,
  request: OperatorRequest,
  at: string,
): SagaEvent[] {
  const { action, reason, by } = request;
  const events = effectOf(definition, state, request, { action, reason, by }, at);
  return state.status === 'paused' && action !== 'resume' ? events.map((event) => held(event, state)) : events;
}

function effectOf(
  definition: Definition,
  state: SagaState,
  request: OperatorRequest,
  operator: ByOperator,
  at: string,
): SagaEvent[] {
  const { pending, status } = state;
  if (pending === undefined) return [];
  switch (request.action) {
    case 'retry':
      return asked(onRedrive(definition, state, at), operator);
    case 'pause':
      return standsStill(state) ? [] : [{ type: 'saga-paused', at, data: { operator } }];
    case 'resume':
      return status === 'paused' ? resumed(definition, state, operator, at) : [];
    case 'run-now':
      return ranNow(definition, state, operator, at);
    case 'compensate':
      return compensated(definition, state, request.code, operator, at);
    case 'skip':
      return asked(skipped(definition, state, request, at), operator);
    case 'restart-from': {
      const step = state.steps.findIndex(({ name }) => name === request.step);
      // All steps of a group begin together.
      const waiting = enter(definition, state.id, definition.steps[step]?.group ?? step, at);
      return [{ type: 'saga-restarted', at, data: { ...(waiting as Waiting<Pending>), operator } }];
    }
    default:
      return unreachable(request);
  }
}

/** What a paused saga has come to wait for by an event is not sent. */
export function held(event: SagaEvent, before: SagaState): SagaEvent {
  if (!('next' in event.data) || event.data.next === undefined) return event;
  const { next, also = [] } = event.data;
  const waited = pendingsOf(before);
  const pendings = [next, ...also].map((one) => (waited.includes(one) ? one : { ...one, held: true as const }));
  return { ...event, data: { ...event.data, ...waitingFor(pendings) } } as SagaEvent;
}

const asked = (events: readonly SagaEvent[], operator: ByOperator): SagaEvent[] =>
  events.map((event) => ({ ...event, data: { ...event.data, operator } }) as SagaEvent);

/** A command that was sent before the pause counts as an attempt without a reply. */
function resumed(definition: Definition, state: SagaState, operator: ByOperator, at: string): SagaEvent[] {
  const pendings = pendingsOf(state);
  // A saga that is to compensate does no further step, so nothing is sent for what it waits for.
  if (state.pending?.phase === 'do' && state.failure !== undefined) {
    const unsent = pendings.map((one) => ({ ...one, held: true as const }));
    return [
      { type: 'saga-resumed', at, data: { ...waitingFor(unsent as [Pending]), operator } },
      ...giveUp(definition, state, state.failure, at),
    ];
  }
  const again = pendings.map((one) => further(definition, state, one, one.held === true ? 0 : 1, at));
  return [{ type: 'saga-resumed', at, data: { ...waitingFor(again as [Pending]), operator } }];
}

/** An attempt so many after this one, with the time limit of a first one. */
const further = (definition: Definition, { id }: SagaState, pending: Pending, by: 0 | 1, at: string): Pending => {
  const { step, phase, attempt, deadline, held: unsent } = pending;
  // It goes on waiting until the same time.
  if (unsent === undefined && phase === 'do' && definition.steps.slice(step, step + 1).some(onlyWaits))
    return { step, phase, attempt, deadline };
  return { ...pendingAt(definition, id, step, phase, 1, at), attempt: attempt + by };
};

function ranNow(definition: Definition, state: SagaState, operator: ByOperator, at: string): SagaEvent[] {
  if (state.pending?.phase === 'do' && state.failure !== undefined)
    return asked(giveUp(definition, state, state.failure, at), operator);
  const asleep = pendingsOf(state).find(
    ({ step, phase }) => phase === 'do' && definition.steps[step]?.do.kind === 'sleep',
  );
  if (asleep !== undefined) return asked(endSleep(definition, state, asleep, at), operator);
  const again = pendingsOf(state).map((one) => {
    const { step, phase, attempt } = one;
    return { ...pendingAt(definition, state.id, step, phase, attempt, at), attempt: attempt + 1 };
  });
  const reason = `run now: ${operator.reason}`;
  return [{ type: 'step-retried', at, data: { reason, ...waitingFor(again as [Pending]), operator } }];
}

function compensated(
  definition: Definition,
  state: SagaState,
  code: string = OPERATOR_REQUEST,
  operator: ByOperator,
  at: string,
): SagaEvent[] {
  if (state.failure === undefined || state.status === 'parked')
    return asked(onAbort(definition, state, { code, reason: operator.reason }, at), operator);
  return [];
}

function skipped(
  definition: Definition,
  state: SagaState,
  { step, result }: { readonly step: string; readonly result?: unknown },
  at: string,
): SagaEvent[] {
  const pending = pendingNamed(state, step);
  if (pending === undefined) return [];
  const data = replySchema(definition, pending)?.parse(result ?? {}) ?? {};
  return onReply(definition, state, { type: 'reply', step, phase: pending.phase, outcome: done(data) }, at);
}
