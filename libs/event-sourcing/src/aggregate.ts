/** A fact about one aggregate. `at` is when it was decided, ISO 8601 UTC. */
export interface DomainEvent<T extends string = string, D = unknown> {
  readonly type: T;
  readonly at: string;
  readonly data: D;
}

/** How a stream's events add up to a state. Pure: no time, no ids, no effects of its own. */
export interface Aggregate<S, E extends DomainEvent> {
  /** What its streams' names begin with; no hyphen in it. */
  readonly category: string;
  readonly initial: S;
  // A method, so that an aggregate of any state can stand where its state does not matter.
  evolve(state: S, event: E): S;
  /** Turns an event as an older version stored it into today's. */
  readonly upcast?: (event: DomainEvent) => DomainEvent;
}

/** One aggregate's stream, to be read and appended to by a commit. */
export interface StreamRef<S = unknown, E extends DomainEvent = DomainEvent> {
  readonly aggregate: Aggregate<S, E>;
  readonly id: string;
  /** It is expected to be new, so it is not read first; where it is not, the commit finds out and decides again. */
  readonly expectedNew?: boolean;
}

export const streamOf = (aggregate: Pick<Aggregate<unknown, DomainEvent>, 'category'>, id: string): string =>
  `${aggregate.category}-${id}`;

/** The state after these events, on top of a state. */
export const fold = <S, E extends DomainEvent>(
  aggregate: Aggregate<S, E>,
  events: readonly DomainEvent[],
  from: S = aggregate.initial,
): S => events.reduce((state, event) => aggregate.evolve(state, (aggregate.upcast?.(event) ?? event) as E), from);
