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
  /** Throws where a stored event, upcast, is not as its type says, and its state would be none. */
  readonly check?: (event: DomainEvent) => void;
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

/** How far a state came along its events: to the last one, or to the one that it could not take. */
export interface Folded<S, R = DomainEvent> {
  readonly state: S;
  /** How many events are in it. */
  readonly applied: number;
  readonly refused?: { readonly event: R; readonly error: unknown };
}

/**
 * As {@link fold}, for what comes from a store: it ends before the first event that the aggregate does not know, or fails
 * on, that is none, or that others are missing before.
 */
export function foldUntilRefused<S, E extends DomainEvent, R extends DomainEvent & { readonly version: number }>(
  aggregate: Aggregate<S, E>,
  events: readonly R[],
  from: S = aggregate.initial,
): Folded<S, R> {
  let state = from;
  for (const [applied, event] of events.entries()) {
    try {
      if (event.version !== (events[0]?.version ?? 0) + applied) throw new Error('the event before it is missing');
      const today = aggregate.upcast?.(event) ?? event;
      checkEvent(today);
      aggregate.check?.(today);
      state = aggregate.evolve(state, today as E);
    } catch (error) {
      return { state, applied, refused: { event, error } };
    }
  }
  return { state, applied: events.length };
}

/** What lies in a store may have been changed by hand, or by a disk. */
function checkEvent({ type, at, data }: DomainEvent): void {
  if (typeof type !== 'string' || typeof data !== 'object' || data === null || Number.isNaN(Date.parse(at)))
    throw new Error('it is no event');
}
