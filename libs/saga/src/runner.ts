import { type DomainEvent, eventWork, fold } from '@seam/event-sourcing';
import { type Attributes, type Clock, CodedError, type Message } from '@seam/kernel';
import type { Reply } from '@seam/messaging/contract';
import {
  described,
  type KnownElsewhere,
  naturallyIdempotent,
  lowPriority,
  PermanentError,
  type Work,
} from '@seam/messaging';
import { z } from 'zod';
import type { Failure, SagaDefinition } from './definition.js';
import { checkDefinition } from './engine/check-definition.js';
import { handleInput, type OperatorInput, type SagaDecision } from './engine/handle-input.js';
import { firstDue } from './engine/pending.js';
import { movedOn, notParked, type OperatorRequest, refusalOf } from './engine/operator.js';
import type { SagaInput } from './engine/decide.js';
import { deadlineOf, Saga, type SagaEvent, type SagaState, wholeDeadlineOf } from './engine/state.js';

const Context = z.object({
  saga: z.string(),
  definition: z.string(),
  version: z.int(),
  aggregateId: z.string(),
  step: z.string(),
  phase: z.enum(['do', 'undo']),
  attempt: z.int().optional(),
  patient: z.boolean().default(false),
});

type AnyDefinition = SagaDefinition;

/** The change of a saga by an input. */
export interface Moved {
  readonly before: SagaState;
  readonly events: readonly SagaEvent[];
}

/** The message belongs to a saga whose definition this process does not have. */
class UnknownSagaError extends PermanentError implements KnownElsewhere {
  readonly knownElsewhere = true;

  constructor(service: string, saga: string) {
    super(`${service} has no saga definition ${saga}: keep a version while sagas of it run`);
  }
}

/** The saga's definition throws for the saga's current state: it cannot continue with this version of the code. */
class StuckSagaError extends Error {
  constructor(id: string, cause: unknown) {
    super(`saga ${id} cannot continue`, { cause });
    this.name = 'StuckSagaError';
  }
}

/**
 * Runs a service's sagas: every input becomes one work, which is decided on the saga and its aggregate, and committed
 * with both.
 */
export class SagaRunner {
  readonly #definitions: ReadonlyMap<string, AnyDefinition>;

  /**
   * @param service the service whose queue receives the replies
   * @param definitions every version that running sagas may use: changed steps need a new version, beside the old one
   */
  constructor(
    private readonly service: string,
    definitions: readonly unknown[],
    private readonly clock: Clock,
  ) {
    for (const definition of definitions as AnyDefinition[]) checkDefinition(definition);
    this.#definitions = new Map(
      (definitions as AnyDefinition[]).map((definition) => [key(definition.name, definition.version), definition]),
    );
  }

  onReply(message: Message<Reply>): Work<Moved> {
    const context = Context.safeParse(message.data.context);
    if (!context.success) throw new PermanentError(`a reply without the context of a saga: ${context.error.message}`);
    const { saga, aggregateId, step, phase, attempt, patient } = context.data;
    const { outcome } = message.data;
    const moved = this.#handle(saga, context.data, aggregateId, {
      type: 'reply',
      step,
      phase,
      outcome,
      ...(attempt === undefined ? {} : { attempt }),
    });
    // Needs no inbox mark: if a reply is repeated, the saga's events show that it does not wait for that reply any
    // more.
    return naturallyIdempotent(patient ? lowPriority(moved) : moved);
  }

  /** What is due first: the time of the whole saga, or that of what it waits for. */
  onTimeout(state: SagaState): Work<Moved> {
    const due = deadlineOf(state);
    if (due !== undefined && due === wholeDeadlineOf(state))
      return this.#handle(state.id, state, this.#aggregateId(state), { type: 'deadline' });
    const pending = firstDue(state);
    const step = pending === undefined ? undefined : state.steps[pending.step];
    if (pending === undefined || step === undefined) throw new Error(`saga ${state.id} is not waiting for a reply`);
    const { phase, attempt } = pending;
    return this.#handle(state.id, state, this.#aggregateId(state), {
      type: 'timeout',
      step: step.name,
      phase,
      attempt,
    });
  }

  /**
   * Restarts a parked saga from its current step, or continues its compensation. Rejects with a conflict if the saga is
   * not parked.
   */
  redrive(state: SagaState): Work<Moved> {
    this.#asked(state);
    return this.#handle(state.id, state, this.#aggregateId(state), { type: 'redrive' }, (current) => {
      if (current.status !== 'parked') throw notParked(current);
    });
  }

  /**
   * Carries out an operator's action. Rejects with a conflict if the saga is not in a state for it when this is committed:
   * of two operators at once, the second one's action is decided on what the first one's has left.
   *
   * @param fits whether the saga is still one that the operator meant; a conflict if it is not
   */
  operate(state: SagaState, request: OperatorRequest, fits: (current: SagaState) => boolean = () => true): Work<Moved> {
    const definition = this.#asked(state);
    const input = { ...request, type: 'operator' } as const;
    return this.#handle(state.id, state, this.#aggregateId(state), input, (current) => {
      const refused = fits(current) ? refusalOf(definition, current, request) : movedOn(current);
      if (refused !== undefined) throw refused;
    });
  }

  /**
   * Aborts a saga within a work of the caller: it compensates, using the steps of its own definition. No events if it
   * cannot be aborted any more. Pure.
   *
   * @param aggregate its state after the caller's own events
   */
  abort<E extends DomainEvent>(state: SagaState, aggregate: unknown, failure: Failure, at: string): SagaDecision<E> {
    const input = { type: 'abort', ...failure } as const;
    return handleInput(this.#asked(state), state, aggregate, input, at, this.service) as SagaDecision<E>;
  }

  /**
   * The definition by which a saga runs, for showing what it does; undefined if this process does not have it, or has other
   * steps under its version.
   */
  definitionOf(state: SagaState): AnyDefinition | undefined {
    const definition = this.#definitions.get(key(state.definition, state.version));
    const same = definition?.steps.every(({ name }, index) => state.steps[index]?.name === name);
    return same === true ? definition : undefined;
  }

  #aggregateId(state: SagaState): string {
    return this.#definition(state).aggregateId(state.data);
  }

  #handle(
    id: string,
    of: Pick<SagaState, 'definition' | 'version'>,
    aggregateId: string,
    input: SagaInput | OperatorInput,
    check: (state: SagaState) => void = () => undefined,
  ): Work<Moved> {
    const definition = this.#definition(of);
    const at = this.clock.now().toISOString();
    const streams = {
      saga: { aggregate: Saga, id },
      aggregate: { aggregate: definition.aggregate, id: aggregateId },
    };
    const moved = eventWork(streams, ({ saga, aggregate }) => {
      check(saga);
      const next = this.#decide(() => handleInput(definition, saga, aggregate, input, at, this.service), saga);
      const value: Moved = { before: saga, events: next.saga };
      return { events: { saga: next.saga, aggregate: next.aggregate }, messages: next.messages, value };
    });
    return described(moved, describeMove);
  }

  /**
   * Like `#definition`, for a caller that waits for the answer: a process of another version may have the definition,
   * so the caller may retry.
   */
  #asked(state: SagaState): AnyDefinition {
    const found = this.#definitions.get(key(state.definition, state.version));
    if (found !== undefined) return found;
    const message = `Saga ${state.id} uses ${key(state.definition, state.version)}, which this process does not have`;
    throw new CodedError('unavailable', 'SAGA.UNKNOWN_VERSION', message);
  }

  #decide<T>(handled: () => T, { id }: SagaState): T {
    try {
      return handled();
    } catch (error) {
      throw new StuckSagaError(id, error);
    }
  }

  #definition({ definition: name, version }: Pick<SagaState, 'definition' | 'version'>): AnyDefinition {
    const definition = this.#definitions.get(key(name, version));
    if (definition === undefined) throw new UnknownSagaError(this.service, key(name, version));
    return definition;
  }
}

function describeMove({ before, events }: Moved): Attributes {
  const { id, definition, status } = fold(Saga, events, before);
  return { 'seam.saga.id': id, 'seam.saga.definition': definition, 'seam.saga.status': status };
}

const key = (name: string, version: number): string => `${name}.v${version}`;
