import { fold } from '@seam/event-sourcing';
import type { Failure } from '../definition.js';
import { type Definition, isPastPivot, pendingAt, waitsOf } from './next-steps.js';
import { othersThan, type Pending, pendingsOf, waitingFor } from './pending.js';
import { Saga, type SagaEvent, type SagaState, standsStill, type StepState } from './state.js';

/** Whether the saga can still be aborted: it has not ended, and is not compensating yet. */
export const canAbort = ({ pending, failure, status }: SagaState): boolean =>
  pending !== undefined && (failure === undefined || (status === 'parked' && pending.phase === 'do'));

/** The reply to a pending step is waited for; a parked saga does not wait any more, and none waits for time or events. */
export function onAbort(definition: Definition, state: SagaState, failure: Failure, at: string): SagaEvent[] {
  if (!canAbort(state) || isPastPivot(definition, state)) return [];
  const asked: SagaEvent[] = state.failure === undefined ? [{ type: 'abort-requested', at, data: failure }] : [];
  return [
    ...asked,
    ...giveUp(definition, state, failure, at, standsStill(state) ? stuckAt(state) : waitsOf(definition, state)),
  ];
}

/** Because of which a parked saga does not continue by itself. */
export const stuckAt = (state: SagaState): readonly Pending[] => {
  if (state.status !== 'parked') return [];
  const pendings = pendingsOf(state);
  return state.also === undefined ? pendings : pendings.filter(({ parked }) => parked === true);
};

/** The deadline of the whole saga has passed: it is aborted, unless it has ended, compensates, or is past its pivot. */
export function onDeadline(definition: Definition, state: SagaState, at: string): SagaEvent[] {
  if (state.deadline === undefined || state.pending === undefined) return [];
  const failure = definition.deadline?.failure ?? { code: 'DEADLINE', reason: 'the time for it is over' };
  return [{ type: 'deadline-passed', at, data: {} }, ...onAbort(definition, state, failure, at)];
}

/**
 * Compensates from steps without a reply, by default from all that it waits for: they may have happened, so they are
 * compensated as well, once no other step of their group is waited for.
 */
export function giveUp(
  definition: Definition,
  state: SagaState,
  asked: Failure,
  at: string,
  those: readonly Pending[] = pendingsOf(state),
): SagaEvent[] {
  const events: SagaEvent[] = [];
  let now = state;
  for (const pending of those) {
    const { step } = pending;
    const others = othersThan(now, pending);
    const waiting =
      others.length > 0 ? waitingFor(others) : { next: before(definition, now, endOf(now, step + 1), at, step) };
    const event: SagaEvent = { type: 'step-given-up', at, data: { ...(now.failure ?? asked), step, ...waiting } };
    events.push(event);
    now = fold(Saga, [event], now);
  }
  return events;
}

/** Once a saga is to compensate, no further attempt is made for what it is parked at. */
export function thenGiveUp(definition: Definition, state: SagaState, events: SagaEvent[], at: string): SagaEvent[] {
  const after = fold(Saga, events, state);
  if (after.failure === undefined || after.pending?.phase !== 'do') return events;
  return [...events, ...giveUp(definition, after, after.failure, at, stuckAt(after))];
}

/** The index after this one and after every step that may have been done before the saga was restarted. */
export const endOf = ({ steps }: SagaState, after: number): number =>
  Math.max(after, steps.findLastIndex(mayHaveHappened) + 1);

const mayHaveHappened = ({ state, happened }: StepState): boolean =>
  state === 'done' || (happened === true && state !== 'compensated');

/** The last step before this one that is done (or, as `unknown`, may be) and can be compensated. */
export function before(
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
