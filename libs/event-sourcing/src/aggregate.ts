import type { DomainEvent, NewEvent } from './event.js';
import { currentForm, type EventSchemas } from './event-schemas.js';
import type { PersonalFields } from './personal-data.js';

export type { DomainEvent } from './event.js';

/** How a stream's events are folded into a state. Pure: no clock, no ids, no effects. */
export interface Aggregate<S, E extends DomainEvent> {
  /** Prefix of its streams' names; without a hyphen. */
  readonly category: string;
  readonly initial: S;
  // A method, so that an aggregate of any state can be passed where its state type does not matter.
  evolve(state: S, event: E): S;
  /** How its stored events of earlier versions are read: `eventSchemas({ … })`. */
  readonly schemas?: EventSchemas;
  /** Which fields of its events are personal: `personalFields()({ … })`. They are encrypted where they are stored. */
  readonly personal?: PersonalFields;
  /** Throws if a stored event, after its upcasts, does not have the form of its type, so that it cannot be folded. */
  readonly check?: (event: DomainEvent) => void;
  /**
   * Stores its states from time to time; without it, streams are read from their first event. The state has to be plain JSON, without
   * `undefined`. None is stored for an aggregate with `personal`.
   */
  readonly snapshots?: SnapshotPolicy;
  /** Whether no event is expected soon: such a state is not cached. Without it, states are cached until newer ones replace them. */
  settled?(state: S): boolean;
}

/** When states of an aggregate are stored, so that its streams need not be read from their first event. */
export interface SnapshotPolicy {
  /** A state is stored once at least this many events have been appended since the last one that was. */
  readonly every: number;
  /**
   * Of the shape of the state, and of what `evolve` makes of events: change it with either of them. Snapshots of another version are
   * not used, and are replaced.
   */
  readonly version: number;
}

/** The policy that applies: a state with personal data is not stored, so that nothing has to be forgotten in snapshots. */
export const snapshotsOf = ({
  snapshots,
  personal,
}: Pick<Aggregate<never, never>, 'snapshots' | 'personal'>): SnapshotPolicy | undefined =>
  personal === undefined ? snapshots : undefined;

/** One aggregate's stream, to be read and appended to by a commit. */
export interface StreamRef<S = unknown, E extends DomainEvent = DomainEvent> {
  readonly aggregate: Aggregate<S, E>;
  readonly id: string;
  /** It is expected to be new, so it is not read first; if it is not new, the commit detects that and decides again. */
  readonly expectedNew?: boolean;
}

export const streamOf = (aggregate: Pick<Aggregate<unknown, DomainEvent>, 'category'>, id: string): string =>
  `${aggregate.category}-${id}`;

/**
 * The state after these events, on top of a state. Events with a schema version are upcast; those without one were decided
 * by this process.
 */
export const fold = <S, E extends DomainEvent>(
  aggregate: Aggregate<S, E>,
  events: readonly NewEvent[],
  from: S = aggregate.initial,
): S =>
  events.reduce((state, event) => aggregate.evolve(state, currentForm(aggregate, event) as DomainEvent as E), from);

/** How far a state was folded: to the last event, or to the first that cannot be applied. */
export interface Folded<S, R = DomainEvent> {
  readonly state: S;
  /** Number of events applied. */
  readonly applied: number;
  readonly refused?: { readonly event: R; readonly error: unknown };
}

/**
 * Like {@link fold}, for events from a store: it stops before the first event that the aggregate does not know, that it fails
 * on, that is not a valid event, or whose predecessor is missing.
 *
 * @param after the version of the state that it begins with
 */
export function foldUntilRefused<S, E extends DomainEvent, R extends DomainEvent & { readonly version: number }>(
  aggregate: Aggregate<S, E>,
  events: readonly R[],
  from: S = aggregate.initial,
  after = (events[0]?.version ?? 1) - 1,
): Folded<S, R> {
  let state = from;
  for (const [applied, event] of events.entries()) {
    try {
      if (event.version !== after + applied + 1) throw new Error('the event before it is missing');
      const current: DomainEvent = currentForm(aggregate, event);
      checkEvent(current);
      aggregate.check?.(current);
      state = aggregate.evolve(state, current as E);
    } catch (error) {
      return { state, applied, refused: { event, error } };
    }
  }
  return { state, applied: events.length };
}

/** Stored events may have been changed by hand, or damaged by a disk. */
function checkEvent({ type, at, data }: DomainEvent): void {
  if (typeof type !== 'string' || typeof data !== 'object' || data === null || Number.isNaN(Date.parse(at)))
    throw new Error('it is not an event');
}
