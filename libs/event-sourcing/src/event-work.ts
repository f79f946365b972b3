import type { OutgoingMessage } from '@seam/kernel';
import { type Work, work, type WorkKind, type WorkResult } from '@seam/messaging';
import type { DomainEvent, StreamRef } from './aggregate.js';
import type { StreamPosition } from './stream-position.js';

type Streams = Readonly<Record<string, StreamRef>>;
type StateOf<R> = R extends { aggregate: { initial: infer S } } ? S : never;
type EventOf<R> = R extends { aggregate: { evolve(state: never, event: infer E): unknown } } ? E : never;

/** The result of a decision over some streams. */
export interface EventDecision<R, T> {
  readonly events?: { readonly [K in keyof R]?: readonly EventOf<R[K]>[] };
  readonly messages?: readonly OutgoingMessage[];
  readonly value: T;
}

export interface EventWorkInput {
  readonly streams: Readonly<Record<string, StreamRef>>;
  readonly decide: (states: Readonly<Record<string, unknown>>) => {
    readonly events?: Readonly<Record<string, readonly DomainEvent[] | undefined>>;
    readonly messages?: readonly OutgoingMessage[];
    readonly value: unknown;
  };
}

export interface EventWorkResult {
  readonly value: unknown;
  readonly messages: readonly OutgoingMessage[];
  /** The last event of its first stream; missing if the stream has none. */
  readonly position?: StreamPosition;
}

/** A change by events: decided on the streams' states, and appended to all of them in one commit. */
export const EventKind: WorkKind<EventWorkInput, EventWorkResult> = { name: 'events' };

/**
 * A change of event-sourced aggregates. `decide` is pure and may be called again if a stream has changed meanwhile; if it
 * throws, the caller gets the error, and nothing is written.
 */
export const eventWork = <R extends Streams, T>(
  streams: R,
  decide: (states: { readonly [K in keyof R]: StateOf<R[K]> }) => EventDecision<R, T>,
): Work<T> =>
  work(EventKind, { streams, decide: decide as unknown as EventWorkInput['decide'] }, ({ value, messages }) => ({
    value: value as T,
    messages,
  }));

/** The result of a work, with the last event of its first stream; no position if that stream has no events. */
export interface Positioned<T> {
  readonly value: T;
  readonly position: StreamPosition | undefined;
}

/**
 * The same event work, whose caller also gets a position, for `ReadModels.reach`: of the first of its streams after its
 * decision, whether that appended an event or found that nothing is to be done. It costs the commit nothing.
 */
export const positioned = <T>(of: Work<T>): Work<Positioned<T>> => ({
  ...of,
  settle: (result): WorkResult<Positioned<T>> => {
    const { value, messages } = of.settle(result);
    return { value: { value, position: (result as EventWorkResult).position }, messages };
  },
  describe: ({ value }) => of.describe?.(value) ?? {},
});
