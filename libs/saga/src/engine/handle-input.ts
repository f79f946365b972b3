import type { Outcome } from '@seam/messaging/contract';
import { done, refused } from '@seam/messaging/contract';
import { z } from 'zod';
import { type DomainEvent, fold } from '@seam/event-sourcing';
import type { OutgoingMessage } from '@seam/kernel';
import type { Action, DecisionResult, SagaContext, SagaDefinition } from '../definition.js';
import { awaitEvent } from './await-event.js';
import { contextOf } from './context.js';
import { awaited, decide, replySchema, type SagaInput, start } from './decide.js';
import { after as nextAfter, type Definition } from './next-steps.js';
import { decideByOperator, held, type OperatorRequest } from './operator.js';
import { othersThan, type Pending, pendingsOf, waitingFor } from './pending.js';
import { Saga, type SagaEvent, type SagaState, standsStill } from './state.js';

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
  /** The attempt that the command belongs to. */
  readonly attempt: number;
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

/**
 * Starts a saga, in the commit of the work that starts it: its events, and the first command or local decision. Throws if
 * the data are none that the definition takes.
 */
export function startSaga<I, S, E extends DomainEvent>(
  definition: SagaDefinition<I, S, E>,
  saga: { id: string; correlationId: string; data: NoInfer<I> },
  aggregate: S,
  at: string,
  service: string,
): SagaDecision<E> {
  const first = start(definition, { ...saga, data: definition.input.parse(saga.data) }, at);
  const state = fold(Saga, [first]);
  const run: Run<E> = { saga: [first], aggregate: [], messages: [] };
  return perform(definition, { state, aggregate, waitedFor: [] }, run, at, service);
}

/**
 * Decides the result of one input: the saga's events, and either a command to send, or decisions of its own aggregate,
 * whose results are handled at once. Pure; everything is empty if the input changes nothing.
 */
export function handleInput<I, S, E extends DomainEvent>(
  definition: SagaDefinition<I, S, E>,
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
      ? decideByOperator(definition, state, input, at)
      : decided(definition, state, input.type === 'reply' ? parsed(definition, state, input) : input, at);
  run.saga.push(...events);
  const after = fold(Saga, events, state);
  if (standsStill(after)) return run;
  return perform(definition, { state: after, aggregate, waitedFor: pendingsOf(state) }, run, at, service);
}

/** A paused saga records its replies, and what follows is not sent. */
function decided<I, S, E extends DomainEvent>(
  definition: SagaDefinition<I, S, E>,
  state: SagaState,
  input: SagaInput,
  at: string,
): SagaEvent[] {
  const events = decide(definition, state, input, at);
  return state.status === 'paused' ? events.map((event) => held(event, state)) : events;
}

/**
 * A reply that the saga waits for is parsed by the contract of the step's command, as later steps rely on it. Throws if it
 * does not match: the sender has another version of the contract, or a fault.
 */
function parsed(
  definition: Pick<SagaDefinition, 'steps'>,
  state: SagaState,
  reply: Extract<SagaInput, { type: 'reply' }>,
): SagaInput {
  const pending = awaited(state, reply);
  if (pending === undefined || reply.outcome.outcome === 'refused') return reply;
  const result = replySchema(definition, pending)?.safeParse(reply.outcome.data);
  if (result === undefined) return reply;
  if (result.success) return { ...reply, outcome: done(result.data) };
  const reason = z.prettifyError(result.error);
  throw new Error(`the reply to ${reply.step} of saga ${state.id} does not match its command's contract: ${reason}`);
}

/** A saga refers to steps by their index, so other steps under the same version would be taken for its own. */
function checkSteps<I, S, E extends DomainEvent>(definition: SagaDefinition<I, S, E>, { id, steps }: SagaState): void {
  const same = definition.steps.every(({ name }, index) => steps[index]?.name === name);
  if (steps.length === 0 || (same && steps.length === definition.steps.length)) return;
  throw new Error(
    `saga ${id} was started with other steps than ${definition.name} version ${definition.version} has now: ` +
      'give changed steps a new version, and keep the old version while sagas of it run',
  );
}

interface Point<S> {
  readonly state: SagaState;
  readonly aggregate: S;
  /** What the saga has waited for already, so nothing is sent for it. */
  readonly waitedFor: readonly Pending[];
}

/** Carries out what the saga has come to wait for: sends the commands, and makes the decisions of its own aggregate. */
function perform<I, S, E extends DomainEvent>(
  definition: SagaDefinition<I, S, E>,
  from: Point<S>,
  run: Run<E>,
  at: string,
  service: string,
): SagaDecision<E> {
  let { state, aggregate } = from;
  const waitedFor = new Set(from.waitedFor);
  while (state.status !== 'parked') {
    const pending = pendingsOf(state).find((one) => !waitedFor.has(one));
    if (pending === undefined) break;
    waitedFor.add(pending);
    const action = actionOf(definition, pending);
    if (action.kind === 'started')
      throw new Error(`${definition.name}: the step that is done by starting the saga has no action`);
    const context = contextOf(state, pending.step, aggregate, at);
    const skipped = skippedStep(definition, state, pending, context, at);
    if (skipped !== undefined) {
      run.saga.push(skipped);
      state = fold(Saga, [skipped], state);
      continue;
    }
    if (action.kind === 'sleep') continue;
    if (action.kind === 'send' || action.kind === 'wait') {
      run.messages.push(command(definition, state, pending, action, context, service));
      continue;
    }
    const result = action.decide(context) as DecisionResult<E>;
    if (!('refused' in result)) {
      const { events, messages } = 'events' in result ? result : { events: result, messages: [] };
      run.aggregate.push(...events);
      run.messages.push(...messages);
      aggregate = fold(definition.aggregate, events, aggregate);
    }
    const outcome = 'refused' in result ? refused(result.refused.code, result.refused.reason) : done({});
    const events = decide(definition, state, replyFor(state, pending, outcome), at);
    run.saga.push(...events);
    state = fold(Saga, events, state);
  }
  return run;
}

/** The event of a step whose condition is not met, when the saga reaches it; nothing is sent for it. */
function skippedStep(
  definition: Definition,
  state: SagaState,
  pending: Pending,
  context: SagaContext,
  at: string,
): SagaEvent | undefined {
  const { step, phase, attempt } = pending;
  // Once its command was sent, the step is not skipped any more.
  if (phase !== 'do' || attempt > 1 || state.steps[step]?.error !== undefined) return undefined;
  const { when } = definition.steps[step] ?? {};
  if (when === undefined || when.isMet(context)) return undefined;
  const others = othersThan(state, pending);
  const waiting = others.length > 0 ? waitingFor(others) : nextAfter(definition, state, step, at);
  return { type: 'step-skipped', at, data: { step, ...waiting } };
}

function actionOf<I, S, E extends DomainEvent>(definition: SagaDefinition<I, S, E>, { step, phase }: Pending): Action {
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

function command<I, S, E extends DomainEvent>(
  definition: SagaDefinition<I, S, E>,
  state: SagaState,
  { step, phase, attempt }: Pending,
  action: Extract<Action, { kind: 'send' | 'wait' }>,
  of: SagaContext,
  service: string,
): OutgoingMessage {
  const context: ReplyContext = {
    saga: state.id,
    definition: definition.name,
    version: definition.version,
    aggregateId: definition.aggregateId(state.data as I),
    step: state.steps[step]?.name ?? '',
    phase,
    attempt,
    patient: definition.steps[step]?.lowPriority === true,
  };
  const base = { kind: 'command', correlationId: state.correlationId, replyTo: { service, context } } as const;
  if (action.kind === 'wait') {
    const { type } = awaitEvent(service);
    return { ...base, type, target: service, data: { type: action.event.type, key: action.key(of) } };
  }
  const { contract } = action;
  return {
    ...base,
    type: contract.type,
    target: contract.service,
    data: action.data(of),
    ...(contract.expiresInMs === undefined ? {} : { expiresInMs: contract.expiresInMs }),
  };
}
