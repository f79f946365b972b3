import { expect } from 'expect';
import { type DomainEvent, fold } from '@seam/event-sourcing';
import type { OutgoingMessage } from '@seam/kernel';
import {
  firstDue,
  handleInput,
  type OperatorInput,
  type OperatorRequest,
  type Pending,
  pendingsOf,
  Saga,
  type SagaDefinition,
  type SagaEvent,
  type SagaInput,
  type SagaState,
  startSaga,
} from '@seam/saga';

/** An input of a saga, for one of its steps or for any; some inputs depend on what the saga waits for. */
export type SagaTestInput<N extends string = never> = ((state: SagaState) => SagaInput | OperatorInput) & {
  /** Never read: it binds an input's type to the name of its step. */
  readonly _step?: N;
};

const reply =
  <N extends string>(
    step: N,
    phase: 'do' | 'undo',
    outcome: Extract<SagaInput, { type: 'reply' }>['outcome'],
  ): SagaTestInput<N> =>
  () => ({ type: 'reply', step, phase, outcome });

/** The step's command is answered: done, with the reply's data. Or the event that the step waits for has come, with its data. */
export const done = <N extends string>(step: N, data: unknown = {}): SagaTestInput<N> =>
  reply(step, 'do', { outcome: 'done', data });
/** The step's command is refused. */
export const refused = <N extends string>(step: N, code: string, reason = 'no'): SagaTestInput<N> =>
  reply(step, 'do', { outcome: 'refused', code, reason });
export const compensated = <N extends string>(step: N): SagaTestInput<N> =>
  reply(step, 'undo', { outcome: 'done', data: {} });
export const compensationRefused = <N extends string>(step: N, code: string, reason = 'no'): SagaTestInput<N> =>
  reply(step, 'undo', { outcome: 'refused', code, reason });
export const aborted =
  (code: string, reason = 'asked for'): SagaTestInput =>
  () => ({ type: 'abort', code, reason });
/** The time for the whole saga is over. */
export const deadlinePassed: SagaTestInput = () => ({ type: 'deadline' });
export const redriven: SagaTestInput = () => ({ type: 'redrive' });
/** An operator acts on it, even if the runner would refuse that in its state. */
export const operated =
  (request: WithoutOperator<OperatorRequest>): SagaTestInput =>
  () => ({ ...request, type: 'operator', reason: 'why', by: { id: 'staff-1', email: 'staff@seam.local' } });
type WithoutOperator<R> = R extends unknown ? Omit<R, 'reason' | 'by'> : never;
/**
 * The time limit of the current attempt is over, of several that of the first one to time out; for a saga that waits for
 * nothing, the input has no step.
 */
export const timedOut: SagaTestInput = (state) => timeoutOf(state, firstDue(state));
/** The time limit of the step's current attempt is over. */
export const stepTimedOut =
  <N extends string>(step: N): SagaTestInput<N> =>
  (state) =>
    timeoutOf(
      state,
      pendingsOf(state).find((one) => state.steps[one.step]?.name === step),
    );
const timeoutOf = ({ steps }: SagaState, pending: Pending | undefined): SagaInput => ({
  type: 'timeout',
  step: steps[pending?.step ?? -1]?.name ?? 'none',
  phase: pending?.phase ?? 'do',
  attempt: pending?.attempt ?? 0,
});

/** The names of a definition's steps. */
export type StepOf<D> = D extends { readonly steps: readonly { readonly name: infer N }[] } ? N : never;

/** A saga during a specification: its state, and all of its events and messages so far. */
export interface SagaRun<S, E> {
  readonly state: SagaState;
  readonly aggregate: S;
  readonly saga: readonly SagaEvent[];
  readonly events: readonly E[];
  readonly messages: readonly OutgoingMessage[];
}

export interface SagaStart<D, E> {
  readonly data: D;
  /** The saga's own aggregate before the saga starts. */
  readonly history?: readonly E[];
}

/** Start time of the saga; each input arrives a second after the one before. */
export const BEGUN_AT = '2026-11-22T09:30:00.000Z';
const SERVICE = 'tested';

/** The names of the phases in a specification. */
const WORDS = { do: 'do', undo: 'compensate' } as const;

/** Starts a saga, and applies these inputs. */
export function runSaga<D, S, E extends DomainEvent, N extends string>(
  definition: SagaDefinition<D, S, E, N>,
  { data, history = [] }: SagaStart<D, E>,
  inputs: readonly SagaTestInput<NoInfer<N>>[],
): SagaRun<S, E> {
  const aggregate = fold(definition.aggregate, history);
  const head = { id: 'saga-1', correlationId: 'correlation-1', data };
  const first = startSaga(definition, head, aggregate, BEGUN_AT, SERVICE);
  const nothing: SagaRun<S, E> = { state: Saga.initial, aggregate, saga: [], events: [], messages: [] };
  return inputs.reduce(
    (run, input, index) => {
      const at = new Date(Date.parse(BEGUN_AT) + (index + 1) * 1_000).toISOString();
      return add(definition, run, handleInput(definition, run.state, run.aggregate, input(run.state), at, SERVICE));
    },
    add(definition, nothing, first),
  );
}

function add<D, S, E extends DomainEvent>(
  definition: SagaDefinition<D, S, E>,
  run: SagaRun<S, E>,
  next: ReturnType<typeof handleInput<D, S, E>>,
): SagaRun<S, E> {
  return {
    state: fold(Saga, next.saga, run.state),
    aggregate: fold(definition.aggregate, next.aggregate, run.aggregate),
    saga: [...run.saga, ...next.saga],
    events: [...run.events, ...next.aggregate],
    messages: [...run.messages, ...next.messages],
  };
}

type WaitsFor<N extends string> = `${'do' | 'compensate'} ${N}`;

/** The expected result of the last input; fields that are left out are not checked. */
export interface ExpectedDecision<E, N extends string = string> {
  readonly status?: SagaState['status'];
  /** The step that it waits for, such as `compensate charge`; a list if it waits for several; undefined: it has ended. */
  readonly waitsFor?: WaitsFor<N> | readonly WaitsFor<N>[] | undefined;
  /** The types of the saga's events. */
  readonly saga?: readonly SagaEvent['type'][];
  /** Its aggregate's events, without their time. */
  readonly events?: readonly Pick<DomainEvent, 'type' | 'data'>[] | readonly E['type' & keyof E][];
  /** The types of the messages it sends, in their order. */
  readonly messages?: readonly string[];
}

interface WhenSaga<E, N extends string> {
  when(...inputs: readonly SagaTestInput<N>[]): { then(expected: ExpectedDecision<E, N>): void };
}

/** Given a saga with these inputs, when others arrive, then these events and commands follow. */
export const sagaSpecification = <D, S, E extends DomainEvent, N extends string>(
  definition: SagaDefinition<D, S, E, N>,
  start: SagaStart<NoInfer<D>, E>,
): { given(...inputs: readonly SagaTestInput<N>[]): WhenSaga<E, N> } => ({
  given: (...before) => ({
    when: (...inputs) => {
      const from = runSaga(definition, start, before);
      const to = runSaga(definition, start, [...before, ...inputs]);
      // Without a `when`, the start of the saga is the input.
      const since = inputs.length === 0 ? { saga: [], events: [], messages: [] } : from;
      return { then: (expected) => check(to, since, expected) };
    },
  }),
});

function check<S, E extends DomainEvent>(
  to: SagaRun<S, E>,
  since: Pick<SagaRun<S, E>, 'saga' | 'events' | 'messages'>,
  expected: ExpectedDecision<E>,
): void {
  const waits = pendingsOf(to.state).map(({ phase, step }) => `${WORDS[phase]} ${to.state.steps[step]?.name ?? '?'}`);
  const events = to.events.slice(since.events.length);
  const actual: Record<keyof ExpectedDecision<E>, unknown> = {
    status: to.state.status,
    waitsFor: waits.length > 1 ? waits : waits[0],
    saga: to.saga.slice(since.saga.length).map(({ type }) => type),
    events: events.map(({ type, data }) => (typeof expected.events?.[0] === 'object' ? { type, data } : type)),
    messages: to.messages.slice(since.messages.length).map(({ type }) => type),
  };
  const checked = Object.keys(expected) as (keyof ExpectedDecision<E>)[];
  expect(Object.fromEntries(checked.map((key) => [key, actual[key]]))).toEqual(expected);
}
