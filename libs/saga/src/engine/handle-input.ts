import type { CommandContract, Outcome } from '@seam/messaging/contract';
import { done, refused } from '@seam/messaging/contract';
import { type DomainEvent, fold } from '@seam/event-sourcing';
import type { OutgoingMessage } from '@seam/kernel';
import type { Action, SagaDefinition } from '../definition.js';
import { decide, type SagaInput, start } from './decide.js';
import { decideByOperator, held, type OperatorRequest } from './operator.js';
import { type Pending, Saga, type SagaEvent, type SagaState, standsStill } from './state.js';

/**
 * The data that a command carries to its reply, so that the reply finds its saga. Older and newer processes exchange
 * it: only add to it.
 */
export interface ReplyContext {
  readonly saga: string;
  readonly definition: string;
  readonly version: number;
  readonly aggregateId: string;
  readonly step: string;
  readonly phase: 'do' | 'undo';
  /** Whether the reply is of low priority. */
  readonly patient: boolean;
}

/** An operator's action on a saga. */
export type OperatorInput = { readonly type: 'operator' } & OperatorRequest;

/** The result of an input. */
export interface SagaDecision<E> {
  readonly saga: readonly SagaEvent[];
  /** Events of the saga's own aggregate. */
  readonly aggregate: readonly E[];
  readonly messages: readonly OutgoingMessage[];
}

interface Run<E> {
  saga: SagaEvent[];
  aggregate: E[];
  messages: OutgoingMessage[];
}

/** Starts a saga, in the commit of the work that starts it: its events, and the first command or local decision. */
export function startSaga<D, S, E extends DomainEvent>(
  definition: SagaDefinition<D, S, E>,
  saga: { id: string; correlationId: string; data: D },
  aggregate: S,
  at: string,
  service: string,
): SagaDecision<E> {
  const first = start(definition as never, saga, at);
  const state = fold(Saga, [first]);
  const run: Run<E> = { saga: [first], aggregate: [], messages: [] };
  return perform(definition, state, aggregate, run, at, service);
}

/**
 * Decides the result of one input: the saga's events, and either a command to send, or decisions of its own aggregate,
 * whose results are handled at once. Pure; everything is empty if the input changes nothing.
 */
export function handleInput<D, S, E extends DomainEvent>(
  definition: SagaDefinition<D, S, E>,
  state: SagaState,
  aggregate: S,
  input: SagaInput | OperatorInput,
  at: string,
  service: string,
): SagaDecision<E> {
  checkSteps(definition, state);
  const run: Run<E> = { saga: [], aggregate: [], messages: [] };
  const events =
    input.type === 'operator'
      ? decideByOperator(definition as never, state, input, at)
      : decided(definition, state, input, at);
  run.saga.push(...events);
  const after = fold(Saga, events, state);
  // An abort changes what follows the pending step, not the step itself: nothing is to be sent for it.
  if (after.pending === undefined || after.pending === state.pending) return run;
  if (standsStill(after)) return run;
  return perform(definition, after, aggregate, run, at, service);
}

/** A paused saga records its replies, and what follows is not sent. */
function decided<D, S, E extends DomainEvent>(
  definition: SagaDefinition<D, S, E>,
  state: SagaState,
  input: SagaInput,
  at: string,
): SagaEvent[] {
  const events = decide(definition as never, state, input, at);
  return state.status === 'paused' ? events.map(held) : events;
}

/** A saga refers to steps by their index, so other steps under the same version would be taken for its own. */
function checkSteps<D, S, E extends DomainEvent>(definition: SagaDefinition<D, S, E>, { id, steps }: SagaState): void {
  const same = definition.steps.every(({ name }, index) => steps[index]?.name === name);
  if (steps.length === 0 || (same && steps.length === definition.steps.length)) return;
  throw new Error(
    `saga ${id} was started with other steps than ${definition.name} version ${definition.version} has now: ` +
      'give changed steps a new version, and keep the old version while sagas of it run',
  );
}

function perform<D, S, E extends DomainEvent>(
  definition: SagaDefinition<D, S, E>,
  from: SagaState,
  aggregateFrom: S,
  run: Run<E>,
  at: string,
  service: string,
): SagaDecision<E> {
  let state = from;
  let aggregate = aggregateFrom;
  while (state.pending !== undefined && state.status !== 'parked') {
    const action = actionOf(definition, state.pending);
    if (action.kind === 'started')
      throw new Error(`${definition.name}: the step that is done by starting the saga has no action`);
    if (action.kind === 'send') {
      run.messages.push(command(definition, state, state.pending, action, service));
      break;
    }
    const data = state.data as D;
    const result = action.decide(aggregate, data, { at, failure: state.failure });
    if (!('refused' in result)) {
      run.aggregate.push(...result.events);
      run.messages.push(...result.messages);
      aggregate = fold(definition.aggregate, result.events, aggregate);
    }
    const outcome = 'refused' in result ? refused(result.refused.code, result.refused.reason) : done({});
    const events = decide(definition as never, state, replyFor(state, state.pending, outcome), at);
    run.saga.push(...events);
    state = fold(Saga, events, state);
  }
  return run;
}

function actionOf<D, S, E extends DomainEvent>(
  definition: SagaDefinition<D, S, E>,
  { step, phase }: Pending,
): Action<D, S, E> {
  const action = definition.steps[step]?.[phase === 'do' ? 'do' : 'compensate'];
  if (action === undefined) throw new Error(`${definition.name} has no action to ${phase} step ${step}`);
  return action;
}

const replyFor = (state: SagaState, { step, phase }: Pending, outcome: Outcome): SagaInput => ({
  type: 'reply',
  step: state.steps[step]?.name ?? '',
  phase,
  outcome,
});

function command<D, S, E extends DomainEvent>(
  definition: SagaDefinition<D, S, E>,
  state: SagaState,
  { step, phase }: Pending,
  action: { contract: Pick<CommandContract, 'type' | 'service' | 'expiresInMs'>; data: (data: D) => unknown },
  service: string,
): OutgoingMessage {
  const context: ReplyContext = {
    saga: state.id,
    definition: definition.name,
    version: definition.version,
    aggregateId: definition.aggregateId(state.data as D),
    step: state.steps[step]?.name ?? '',
    phase,
    patient: definition.steps[step]?.lowPriority === true,
  };
  return {
    type: action.contract.type,
    kind: 'command',
    target: action.contract.service,
    correlationId: state.correlationId,
    replyTo: { service, context },
    data: action.data(state.data as D),
    ...(action.contract.expiresInMs === undefined ? {} : { expiresInMs: action.contract.expiresInMs }),
  };
}
