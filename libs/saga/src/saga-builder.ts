import type { DomainEvent } from '@seam/event-sourcing';
import type { EventContract } from '@seam/messaging/contract';
import type {
  Action,
  CallOptions,
  Compensation,
  CompensationContext,
  Decide,
  DecideOptions,
  MayBeMissing,
  Retry,
  SagaContext,
  SagaDefinition,
  SagaHead,
  SagaStep,
  Send,
  WaitOptions,
} from './definition.js';

const RETRY: Retry = { attempts: 5, backoff: 2, longestMs: 300_000, jitter: 0.1 };
const ATTEMPT_TIMEOUT_MS = 10_000;

/** Options that make a step's result uncertain. */
type Conditional<X> = MayBeMissing<X> & ({ readonly optional: true } | { readonly when: (context: X) => boolean });

/**
 * Defines a saga: `saga('book-room', { version, input, aggregate, aggregateId }).call(…).decide(…)`. Each method returns a
 * definition with one more step. The functions of later steps get the results of the earlier ones, typed by their commands'
 * contracts. Throws for a name that another step has.
 */
export const saga = <I, S, E extends DomainEvent>(
  name: string,
  head: SagaHead<I, S, E>,
): SagaBuilder<I, S, E, object, never> => new SagaBuilder(name, head, []);

class SagaBuilder<I, S, E extends DomainEvent, R, N extends string> implements SagaDefinition<I, S, E, N> {
  readonly version: number;
  readonly input: SagaHead<I, S, E>['input'];
  readonly aggregate: SagaHead<I, S, E>['aggregate'];
  readonly aggregateId: (input: I) => string;
  readonly deadline: SagaHead<I, S, E>['deadline'];

  constructor(
    readonly name: string,
    private readonly head: SagaHead<I, S, E>,
    readonly steps: readonly SagaStep<N>[],
    readonly pivotAt?: number,
  ) {
    this.version = head.version;
    this.input = head.input;
    this.aggregate = head.aggregate;
    this.aggregateId = (input) => head.aggregateId(input);
    this.deadline = head.deadline;
    if (head.deadline !== undefined) checkMs(`saga ${name}: its deadline`, head.deadline.withinMs);
  }

  /** The first step, which the work that starts the saga does itself, in the same commit. */
  started<M extends string>(
    name: M,
    options: DecideOptions<SagaContext<I, S, R>, E> = {},
  ): SagaBuilder<I, S, E, R, N | M> {
    if (this.steps.length > 0)
      throw new Error(`saga ${this.name}: only the first step can be done by starting it, not ${name}`);
    return this.#with(name, { kind: 'started' }, options);
  }

  /** Sends a command, and waits for its reply, which is the step's result: there may be none if it is optional, or conditional. */
  call<M extends string, A>(
    name: M,
    command: Send<SagaContext<I, S, R>, A>,
    options: CallOptions<SagaContext<I, S, R>, E, A> & Conditional<SagaContext<I, S, R>>,
  ): SagaBuilder<I, S, E, R & { readonly [K in M]: A | undefined }, N | M>;
  call<M extends string, A>(
    name: M,
    command: Send<SagaContext<I, S, R>, A>,
    options?: CallOptions<SagaContext<I, S, R>, E, A>,
  ): SagaBuilder<I, S, E, R & { readonly [K in M]: A }, N | M>;
  call<M extends string, A>(
    name: M,
    command: Send<SagaContext<I, S, R>, A>,
    options: CallOptions<SagaContext<I, S, R>, E, A> & MayBeMissing<SagaContext<I, S, R>> = {},
  ): SagaBuilder<I, S, E, unknown, N | M> {
    return this.#with(name, command, options);
  }

  /** Decides on the saga's own aggregate, in the commit that reaches this step. */
  decide<M extends string>(
    name: M,
    decide: Decide<SagaContext<I, S, R>, E>,
    options: DecideOptions<SagaContext<I, S, R>, E> & MayBeMissing<SagaContext<I, S, R>> = {},
  ): SagaBuilder<I, S, E, R, N | M> {
    return this.#with(name, { kind: 'decide', decide } as unknown as Action, options);
  }

  /**
   * Waits for an event of another service, or of its own, that has the saga's key: its data are the step's result. It may have
   * come before the saga waits for it. Of several events of a type with the same key, all sagas get the first one. An abort
   * ends the waiting. The service must subscribe to the event, and have no other handler for it.
   */
  waitFor<M extends string, D>(
    name: M,
    event: EventContract<D>,
    options: WaitOptions<SagaContext<I, S, R>, D> & Conditional<SagaContext<I, S, R>>,
  ): SagaBuilder<I, S, E, R & { readonly [K in M]: D | undefined }, N | M>;
  waitFor<M extends string, D>(
    name: M,
    event: EventContract<D>,
    options: WaitOptions<SagaContext<I, S, R>, D>,
  ): SagaBuilder<I, S, E, R & { readonly [K in M]: D }, N | M>;
  waitFor<M extends string, D>(
    name: M,
    event: EventContract<D>,
    { key, equals, withinMs, orElse, ...options }: WaitOptions<SagaContext<I, S, R>, D>,
  ): SagaBuilder<I, S, E, unknown, N | M> {
    checkMs(`saga ${this.name}: the time that ${name} waits`, withinMs);
    const action = { kind: 'wait', event, keyOf: key, key: equals } as unknown as Action;
    const attempt = { attemptTimeoutMs: withinMs, retry: { attempts: 1 }, onRetriesExhausted: orElse };
    return this.#with(name, action, { ...options, ...attempt });
  }

  /**
   * Waits for so long, ms, and at most a year. Nothing is sent; it is durable, as every time limit. An abort ends it, and so
   * can an operator (run now, or skip).
   */
  sleep<M extends string>(
    name: M,
    ms: number,
    options: Pick<MayBeMissing<SagaContext<I, S, R>>, 'when'> = {},
  ): SagaBuilder<I, S, E, R, N | M> {
    checkMs(`saga ${this.name}: the time that ${name} sleeps`, ms);
    return this.#with(name, { kind: 'sleep' }, { ...options, attemptTimeoutMs: ms, retry: { attempts: 1 } });
  }

  /**
   * Steps that are sent together, in one commit, and joined: the saga continues when each of them is answered. A refusal
   * makes it compensate the others: those that are done, and those still under way once they are answered. The steps do not
   * get each other's results; later steps get all of them.
   */
  parallel<Own, M extends string>(
    group: (
      together: ParallelGroup<SagaContext<I, S, R>, E, object, never>,
    ) => ParallelGroup<SagaContext<I, S, R>, E, Own, M>,
  ): SagaBuilder<I, S, E, R & Own, N | M> {
    const { calls } = group(new ParallelGroup([]));
    if (calls.length < 2) throw new Error(`saga ${this.name}: a parallel group needs at least two steps`);
    const first = this.steps.length;
    const all = calls.reduce<SagaBuilder<I, S, E, unknown, string>>(
      (builder, { name, command, options }) => builder.#with(name, command, options, first),
      this,
    );
    return all as SagaBuilder<I, S, E, R & Own, N | M>;
  }

  /**
   * The point of no return: each step before it has a compensation, and none after it has one. A refusal after it parks the
   * saga for an operator, and requests to abort it change nothing. A definition that breaks this does not start.
   */
  pivot(): SagaBuilder<I, S, E, R, N> {
    return new SagaBuilder(this.name, this.head, this.steps, this.steps.length);
  }

  #with<M extends string, Q, A>(
    name: M,
    action: Action,
    {
      compensate,
      retry,
      when,
      ...options
    }: CallOptions<SagaContext<I, S, R>, E, A> & MayBeMissing<SagaContext<I, S, R>>,
    group?: number,
  ): SagaBuilder<I, S, E, Q, N | M> {
    if (this.steps.some((step) => step.name === (name as string)))
      throw new Error(`saga ${this.name} has two steps named ${name}`);
    const step: SagaStep<M> = {
      attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
      onRetriesExhausted: 'park',
      lowPriority: false,
      optional: false,
      ...options,
      when: when === undefined ? undefined : { isMet: when },
      name,
      do: action,
      compensate: compensate === undefined ? undefined : compensationOf(compensate),
      retry: { ...RETRY, ...retry },
      ...(group === undefined ? {} : { group }),
    };
    return new SagaBuilder<I, S, E, Q, N | M>(this.name, this.head, [...this.steps, step], this.pivotAt);
  }
}

const YEAR_MS = 366 * 86_400_000;

function checkMs(what: string, ms: number): void {
  if (!(ms > 0 && ms <= YEAR_MS))
    throw new Error(`${what} must be a number of milliseconds above 0, and at most a year, not ${ms}`);
}

/** A step of a group, in a form without the types of its context. */
interface ParallelCall {
  readonly name: string;
  readonly command: Send<never, unknown>;
  readonly options: object;
}

/** The steps of a parallel group: each method returns the group with one more step. */
class ParallelGroup<X, E extends DomainEvent, Own, N extends string> {
  constructor(readonly calls: readonly ParallelCall[]) {}

  /** As the method of a saga: sends a command, whose reply is the step's result. */
  call<M extends string, A>(
    name: M,
    command: Send<X, A>,
    options: CallOptions<X, E, A> & Conditional<X>,
  ): ParallelGroup<X, E, Own & { readonly [K in M]: A | undefined }, N | M>;
  call<M extends string, A>(
    name: M,
    command: Send<X, A>,
    options?: CallOptions<X, E, A>,
  ): ParallelGroup<X, E, Own & { readonly [K in M]: A }, N | M>;
  call<M extends string, A>(
    name: M,
    command: Send<X, A>,
    options: CallOptions<X, E, A> & MayBeMissing<X> = {},
  ): ParallelGroup<X, E, unknown, N | M> {
    return new ParallelGroup([...this.calls, { name, command, options }]);
  }
}

const compensationOf = <X, A, E>(compensate: Compensation<CompensationContext<X, A>, E>): Action =>
  (typeof compensate === 'function' ? { kind: 'decide', decide: compensate } : compensate) as unknown as Action;
