import type { CommandContract, EventContract } from '@seam/messaging/contract';
import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import type { OutgoingMessage } from '@seam/kernel';
import type { z } from 'zod';

/** Why a saga compensates: the code of the refusal, or of the request to abort. */
export interface Failure {
  readonly code: string;
  readonly reason: string;
}

/** What the functions of a saga's definition get. They are pure, and may be called more than once for one step. */
export interface SagaContext<I = unknown, S = unknown, R = object> {
  /** What the saga was started with. */
  readonly input: I;
  /** The state of the saga's own aggregate, with the events of this commit so far. */
  readonly state: S;
  /**
   * The replies to the steps that are done, as their commands' contracts have parsed them. A step whose reply was stored by
   * a version that kept no results has an empty one.
   */
  readonly results: R;
  /** When the input came that led to this step, ISO 8601 UTC. */
  readonly at: string;
  /** Set while compensating. */
  readonly failure: Failure | undefined;
}

/** What a step's compensation gets: as it may run where the step's reply never came, its result may be missing. */
export type CompensationContext<X, A> = X & { readonly result: A | undefined };

/** A command to another service, answered by a reply. It may be sent more than once. */
export interface Send<X, A> {
  readonly kind: 'send';
  readonly contract: Pick<CommandContract<unknown, A>, 'type' | 'service' | 'reply' | 'expiresInMs'>;
  /** A method, so that it can be stored where the type of the context is not known. */
  data(context: X): unknown;
}

/** The result of a decision: events of the saga's own aggregate, alone or with messages, or a refusal. */
export type DecisionResult<E> =
  | readonly E[]
  | { readonly events: readonly E[]; readonly messages: readonly OutgoingMessage[] }
  | { readonly refused: Failure };

/** A decision on the saga's own aggregate, in the commit that reaches this step. */
export type Decide<X, E> = (context: X) => DecisionResult<E>;

export type Compensation<X, E> = Send<X, unknown> | Decide<X, E>;

/** When a command is sent again that was not answered. */
export interface Retry {
  /** Number of times that the command is sent. Default 5. */
  readonly attempts: number;
  /** Factor by which each attempt's time limit is longer than that of the one before. Default 2. */
  readonly backoff: number;
  /** The longest time limit of an attempt, ms. Default 5 minutes. */
  readonly longestMs: number;
  /** Share by which the time limits of further attempts vary, so that many sagas do not send at the same time. Default 0.1. */
  readonly jitter: number;
}

export interface CallOptions<X = SagaContext, E = DomainEvent, A = unknown> {
  /**
   * How the step is compensated: by a command or by a decision; a step without a compensation is left unchanged. It must
   * also be correct if the step never happened.
   */
  readonly compensate?: Compensation<CompensationContext<X, A>, E>;
  /** Time limit of the first attempt, ms: how long a reply is waited for before the command is sent again. Default 10 s. */
  readonly attemptTimeoutMs?: number;
  readonly retry?: Partial<Retry>;
  /** When no attempt was answered: park for an operator, or compensate with this failure, this step included. Default: park. */
  readonly onRetriesExhausted?: 'park' | Failure;
  /** No caller waits for this step: its reply may wait a moment, to be handled together with others. */
  readonly lowPriority?: boolean;
}

/** Options of a step that may have no result. */
export interface MayBeMissing<X> {
  /** Evaluated when the saga reaches the step: if false, it is skipped, in the same commit. */
  readonly when?: (context: X) => boolean;
  /** A refusal, or `onRetriesExhausted` with a failure, does not make the saga compensate: it continues. */
  readonly optional?: boolean;
}

export type DecideOptions<X = SagaContext, E = DomainEvent> = Pick<CallOptions<X, E, undefined>, 'compensate'>;

/** Done when an event of this key arrives, or has arrived already. */
export interface Wait {
  readonly kind: 'wait';
  readonly event: Pick<EventContract, 'type' | 'service' | 'data'>;
  /** The key of an event's data. */
  keyOf(data: never): string;
  /** The key that the saga waits for. */
  key(context: unknown): string;
}

/** How a saga waits for an event. */
export interface WaitOptions<X, D> extends MayBeMissing<X> {
  /** What correlates an event with a saga, such as the id of a booking: of the event, and of the saga. */
  readonly key: (data: D) => string;
  readonly equals: (context: X) => string;
  /** How long it waits, ms, and at most a year. */
  readonly withinMs: number;
  /** What then follows: it compensates with this failure, goes on if the step is optional, or is parked. */
  readonly orElse: Failure | 'park';
}

/** An action of a step, in a form that the engine can call without the types of its definition. */
export type Action =
  | Send<unknown, unknown>
  | { readonly kind: 'decide'; decide(context: unknown): DecisionResult<DomainEvent> }
  /** Done when its time is over. */
  | { readonly kind: 'sleep' }
  | Wait
  /** Done by the work that starts the saga, in the same commit. Only for the first step. */
  | { readonly kind: 'started' };

export interface SagaStep<N extends string = string> {
  readonly name: N;
  readonly do: Action;
  readonly compensate: Action | undefined;
  readonly attemptTimeoutMs: number;
  readonly retry: Retry;
  readonly onRetriesExhausted: 'park' | Failure;
  readonly lowPriority: boolean;
  readonly optional: boolean;
  readonly when: { isMet(context: unknown): boolean } | undefined;
  /** The index of the first step of its parallel group; missing outside of groups. */
  readonly group?: number;
}

/** A saga's steps in their order, and the aggregate on which its decisions are made. Data and pure functions. */
export interface SagaDefinition<
  I = unknown,
  S = unknown,
  E extends DomainEvent = DomainEvent,
  N extends string = string,
> extends SagaHead<I, S, E> {
  readonly name: string;
  readonly steps: readonly SagaStep<N>[];
  /** Index of the first step that cannot be compensated any more, nor any after it. */
  readonly pivotAt?: number | undefined;
}

export interface SagaHead<I, S, E extends DomainEvent> {
  /** Changed steps need a new version, beside the old one, as long as sagas of it run. */
  readonly version: number;
  /** What a saga is started with is parsed by it. */
  readonly input: z.ZodType<I>;
  readonly aggregate: Aggregate<S, E>;
  /** The id of the saga's own aggregate. */
  aggregateId(input: I): string;
  /**
   * A time limit of the whole saga, from its start. Then it is aborted with this failure: it compensates, also if it is
   * parked, and if it is paused, once it is resumed. After its pivot it goes on.
   */
  readonly deadline?: Deadline | undefined;
}

export interface Deadline {
  readonly withinMs: number;
  readonly failure: Failure;
}

/** A command with the data that it gets of the saga's context. The type of the data is that of the contract alone. */
export const send = <X, D, A>(contract: CommandContract<D, A>, data: (context: X) => NoInfer<D>): Send<X, A> => ({
  kind: 'send',
  contract: contract,
  data,
});
