import type { CommandContract } from '@seam/messaging/contract';
import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import type { OutgoingMessage } from '@seam/kernel';

/** Why a saga compensates: the code of the refusal, or of the request to abort. */
export interface Failure {
  readonly code: string;
  readonly reason: string;
}

/** What a local action gets besides the saga's data. */
export interface LocalContext {
  readonly at: string;
  /** Set while compensating. */
  readonly failure: Failure | undefined;
}

/** The result of a local action: events of the saga's own aggregate and messages, or a refusal. */
export type LocalResult<E> =
  { readonly events: readonly E[]; readonly messages: readonly OutgoingMessage[] } | { readonly refused: Failure };

export type Action<D, S, E extends DomainEvent> =
  /** A command to another service, answered by a reply. It may be sent more than once. */
  | {
      readonly kind: 'send';
      readonly contract: Pick<CommandContract, 'type' | 'service' | 'expiresInMs'>;
      readonly data: (data: D) => unknown;
    }
  /** A decision on the saga's own aggregate, in the commit that reaches this step. */
  | { readonly kind: 'local'; readonly decide: (state: S, data: D, context: LocalContext) => LocalResult<E> }
  /** Done by the work that starts the saga, in the same commit. Only for the first step. */
  | { readonly kind: 'started' };

export interface StepOptions<D, S, E extends DomainEvent> {
  readonly do: Action<D, S, E>;
  /**
   * How it is compensated; a step without a compensation is left unchanged. It must also be correct if the step never
   * happened.
   */
  readonly compensate?: Action<D, S, E>;
  /** How long to wait for a reply before the command is sent again, ms; doubled for each further attempt. */
  readonly timeoutMs?: number;
  readonly attempts?: number;
  /** No caller waits for this step: its reply may wait a moment, to be handled together with others. */
  readonly lowPriority?: boolean;
  /** When no attempt was answered: park for an operator, or compensate with this failure, this step included. */
  readonly onRetriesExhausted?: 'park' | Failure;
}

export interface SagaStep<D, S, E extends DomainEvent> extends Required<Omit<StepOptions<D, S, E>, 'compensate'>> {
  readonly name: string;
  readonly compensate: Action<D, S, E> | undefined;
}

/** A saga's steps in their order, and the aggregate on which its local actions decide. Data and pure functions. */
export interface SagaDefinition<D, S = unknown, E extends DomainEvent = DomainEvent> {
  readonly name: string;
  readonly version: number;
  readonly aggregate: Aggregate<S, E>;
  readonly aggregateId: (data: D) => string;
  readonly steps: readonly SagaStep<D, S, E>[];
}

export const send = <D, C>(
  contract: CommandContract<C>,
  data: (data: D) => C,
): { readonly kind: 'send'; readonly contract: CommandContract<C>; readonly data: (data: D) => C } => ({
  kind: 'send',
  contract,
  data,
});

/** Starts a definition: `defineSaga<Data>()({ name, version, aggregate, aggregateId }).step(…).step(…).build()`. */
export const defineSaga =
  <D>() =>
  <S, E extends DomainEvent>(head: Omit<SagaDefinition<D, S, E>, 'steps'>): SagaBuilder<D, S, E> =>
    new SagaBuilder(head, []);

class SagaBuilder<D, S, E extends DomainEvent> {
  constructor(
    private readonly head: Omit<SagaDefinition<D, S, E>, 'steps'>,
    private readonly steps: readonly SagaStep<D, S, E>[],
  ) {}

  step(name: string, options: StepOptions<D, S, E>): SagaBuilder<D, S, E> {
    if (this.steps.some((step) => step.name === name))
      throw new Error(`saga ${this.head.name} has two steps named ${name}`);
    if (options.do.kind === 'started' && this.steps.length > 0)
      throw new Error(`saga ${this.head.name}: only the first step can be done by starting it`);
    const defaults = {
      compensate: undefined,
      timeoutMs: 10_000,
      attempts: 5,
      onRetriesExhausted: 'park' as const,
      lowPriority: false,
    };
    return new SagaBuilder(this.head, [...this.steps, { ...defaults, ...options, name }]);
  }

  build(): SagaDefinition<D, S, E> {
    if (this.steps.length === 0) throw new Error(`saga ${this.head.name} has no steps`);
    return { ...this.head, steps: this.steps };
  }
}
