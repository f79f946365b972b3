import type { DomainEvent } from '@seam/event-sourcing';
import { type Pending, pendingsOf, type Phase } from './engine/pending.js';
import type { ByOperator, SagaEvent, SagaState } from './engine/state.js';

/**
 * How an attempt ended. `unanswered`: no reply within its time limit, or the saga was parked; `given-up`: so, and the
 * step is compensated although it is unknown whether it happened; `skipped`: an operator went on without a reply;
 * `not-sent`: the saga was paused; `repeated`: an operator had the command sent again; `unmet`: the step's condition
 * was not met, and nothing was sent. A late reply to a parked saga still makes it `done` or `refused`.
 */
export type AttemptOutcome =
  'done' | 'refused' | 'unanswered' | 'given-up' | 'skipped' | 'not-sent' | 'repeated' | 'unmet';

/** An attempt to do or to compensate a step. */
export interface Attempt {
  readonly kind: 'attempt';
  readonly at: string;
  readonly step: string;
  readonly index: number;
  readonly phase: Phase;
  readonly attempt: number;
  /** When it times out; none of a step that is done by starting the saga. */
  readonly deadline?: string;
  /** The saga was paused, so its command was not sent. */
  readonly held?: true;
  /** None while it waits for a reply. */
  readonly endedAt?: string;
  readonly outcome?: AttemptOutcome;
  readonly error?: string;
  readonly result?: unknown;
}

export type TimelineEntry =
  | Attempt
  | ({ readonly kind: 'operator'; readonly at: string } & ByOperator)
  /** Something asked for the saga to be aborted, such as the cancellation of what it is about. */
  | { readonly kind: 'abort'; readonly at: string; readonly code: string; readonly reason: string }
  | { readonly kind: 'parked'; readonly at: string; readonly reason: string };

/** What happened to a saga, oldest first. Pure; events of a type that this version does not know are left out. */
export function timelineOf(
  events: readonly DomainEvent[],
  steps: readonly { readonly name: string }[],
): TimelineEntry[] {
  const timeline: TimelineEntry[] = [];
  for (const event of events as readonly SagaEvent[]) {
    endAttempts(timeline, event);
    const entries = entriesOf(event, timeline, steps);
    timeline.push(...entries.filter((entry) => !timeline.some((before) => isSameAction(before, entry))));
  }
  return timeline;
}

/** One action may cause several events, which all name it. */
const isSameAction = (a: TimelineEntry, b: TimelineEntry): boolean =>
  a.kind === 'operator' && b.kind === 'operator' && a.at === b.at && a.action === b.action && a.by.id === b.by.id;

function entriesOf(
  event: SagaEvent,
  timeline: readonly TimelineEntry[],
  steps: readonly { readonly name: string }[],
): TimelineEntry[] {
  const { at, data } = event;
  const entries: TimelineEntry[] = [];
  if (event.type === 'saga-started')
    steps.slice(0, event.data.done).forEach(({ name }, index) => {
      entries.push({ ...attemptOf(at, name, { step: index, phase: 'do', attempt: 1 }), endedAt: at, outcome: 'done' });
    });
  if ('operator' in data && data.operator !== undefined) entries.push({ kind: 'operator', at, ...data.operator });
  else if (event.type === 'abort-requested')
    entries.push({ kind: 'abort', at, code: event.data.code, reason: event.data.reason });
  if (event.type === 'saga-parked') entries.push({ kind: 'parked', at, reason: event.data.reason });
  for (const one of waitsFor(event))
    if (!timeline.some((before) => isOpen(before) && isAttemptOf(before, one)))
      entries.push(attemptOf(at, steps[one.step]?.name ?? '', one));
  return entries;
}

const attemptOf = (
  at: string,
  name: string,
  { step: index, phase, attempt, deadline, held }: Omit<Pending, 'deadline'> & { readonly deadline?: string },
): Attempt => ({
  kind: 'attempt',
  at,
  step: name,
  index,
  phase,
  attempt,
  ...(deadline === undefined ? {} : { deadline }),
  ...(held === undefined ? {} : { held }),
});

const REFINES_OUTCOME: ReadonlySet<AttemptOutcome> = new Set(['done', 'refused', 'skipped', 'given-up', 'unmet']);

/** What the saga waits for after an event that says so. */
const waitsFor = ({ data }: SagaEvent): readonly Pending[] =>
  'next' in data && data.next !== undefined ? [data.next, ...(data.also ?? [])] : [];

const isOpen = (entry: TimelineEntry): entry is Attempt => entry.kind === 'attempt' && entry.outcome === undefined;

const isAttemptOf = ({ index, phase, attempt, deadline }: Attempt, pending: Pending): boolean =>
  index === pending.step && phase === pending.phase && attempt === pending.attempt && deadline === pending.deadline;

/** An event that moves the saga on says how an attempt has ended: the last one, that of its step, or all that it repeats. */
function endAttempts(timeline: TimelineEntry[], event: SagaEvent): void {
  const end = endOf(event);
  if (end === undefined) return;
  const { data } = event;
  const step = 'step' in data ? data.step : undefined;
  const last = timeline.findLastIndex((one) => one.kind === 'attempt' && (step === undefined || one.index === step));
  const open = timeline.flatMap((one, index) => (isOpen(one) && index !== last ? [index] : []));
  for (const index of step === undefined ? [...open, last] : [last]) {
    const attempt = timeline[index];
    if (attempt?.kind !== 'attempt') continue;
    // Of a group, some attempts go on.
    if (isOpen(attempt) && waitsFor(event).some((one) => isAttemptOf(attempt, one))) continue;
    // Parked, it has ended; only a reply, or an operator instead of one, adds something.
    if (attempt.outcome !== undefined && !REFINES_OUTCOME.has(end.outcome)) continue;
    const outcome = attempt.held === true && end.outcome !== 'skipped' ? 'not-sent' : end.outcome;
    const { error: _, ...rest } = attempt;
    timeline[index] = { ...rest, endedAt: event.at, ...end, outcome };
  }
}

function endOf(event: SagaEvent): (Pick<Attempt, 'error' | 'result'> & { outcome: AttemptOutcome }) | undefined {
  switch (event.type) {
    case 'step-completed': {
      const { operator, result } = event.data;
      return { outcome: operator === undefined ? 'done' : 'skipped', ...(result === undefined ? {} : { result }) };
    }
    case 'step-compensated':
      return { outcome: event.data.operator === undefined ? 'done' : 'skipped' };
    case 'step-skipped':
      return { outcome: 'unmet' };
    case 'step-refused':
    case 'step-declined':
      return { outcome: 'refused', error: `${event.data.code}: ${event.data.reason}` };
    case 'step-given-up':
      return { outcome: 'given-up', error: `${event.data.code}: ${event.data.reason}` };
    case 'step-retried':
      if (event.data.operator !== undefined) return { outcome: 'repeated' };
      return { outcome: 'unanswered', error: event.data.reason };
    case 'saga-parked':
      return { outcome: 'unanswered', error: event.data.reason };
    case 'saga-resumed':
    case 'saga-restarted':
    case 'saga-redriven':
      return { outcome: 'repeated' };
    case 'saga-started':
    case 'saga-paused':
    case 'abort-requested':
    case 'deadline-passed':
      return undefined;
    default:
      return undefined;
  }
}

export interface StepToCome {
  readonly step: string;
  readonly phase: Phase;
}

/**
 * The steps after the one that the saga is at, in their order, if each further reply is that it is done; none after the
 * end.
 *
 * @param compensable whether the step of this index has a compensation
 */
export function stepsToCome(saga: SagaState, compensable: (index: number) => boolean): StepToCome[] {
  const { pending, failure, steps } = saga;
  if (pending === undefined) return [];
  if (failure === undefined)
    return steps.flatMap(({ name, state }, index) =>
      index > pending.step && state === 'waiting' ? [{ step: name, phase: 'do' as const }] : [],
    );
  const last = pending.phase === 'do' ? steps.length - 1 : pending.step - 1;
  const waited = new Set(pendingsOf(saga).map(({ step }) => step));
  return steps
    .map(({ name: step, state, happened }, index) => {
      const mayHaveHappened = state === 'done' || happened === true || (pending.phase === 'do' && waited.has(index));
      return { step, phase: 'undo' as const, comes: index <= last && mayHaveHappened && compensable(index) };
    })
    .filter(({ comes }) => comes)
    .map(({ step, phase }) => ({ step, phase }))
    .reverse();
}
