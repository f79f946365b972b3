import type { MongoCollectionSpec } from '@seam/persistence';
import type { DomainEvent } from '../aggregate.js';
import type { Position, RecordedEvent, StreamAppend } from '../event-store.js';

/** What a commit holds for event sourcing, beside what @seam/messaging keeps in it. */
export interface EventCommit {
  /** UUID version 7. */
  readonly _id: string;
  /** Each event's place: `<stream>@<version>`. */
  readonly slots?: readonly string[];
  readonly events?: readonly RecordedEvent[];
  /** It has no place in the order of all events yet. */
  readonly unplaced?: true;
}

/** A piece of the order of all events: which commits come next, in their order. Written once and never changed. */
export interface OrderDocument {
  /** 1, 2, 3 … without a gap. */
  readonly _id: number;
  readonly commits: readonly string[];
}

/** How far a projection is, and which of its collections is the one to be read. */
export interface CheckpointDocument {
  /** The projection's name. */
  readonly _id: string;
  readonly generation: string;
  /** None before its first event. */
  readonly position?: Position;
}

export const EVENT_COMMITS = 'commits';
export const EVENT_ORDER = 'event_order';
export const PROJECTIONS = 'projections';

/** Streams are found by the slots, whose unique index @seam/messaging makes. */
export const eventCollections: readonly MongoCollectionSpec[] = [
  { name: EVENT_COMMITS, indexes: [{ name: 'to_be_placed', key: { unplaced: 1 }, sparse: true }] },
  { name: EVENT_ORDER, indexes: [] },
  { name: PROJECTIONS, indexes: [] },
];

export const slotOf = (stream: string, version: number): string => `${stream}@${version}`;

/** The stream and version a slot stands for. */
export function placeOf(slot: string): { stream: string; version: number } {
  const at = slot.lastIndexOf('@');
  return { stream: slot.slice(0, at), version: Number(slot.slice(at + 1)) };
}

/** What these appends make of a commit. */
export function commitOf(appends: readonly StreamAppend[]): Required<Omit<EventCommit, '_id'>> {
  const events = appends.flatMap(({ stream, expectedVersion, events: appended }) =>
    appended.map(({ type, at, data }: DomainEvent, index) => ({
      stream,
      version: expectedVersion + index + 1,
      type,
      at,
      data,
    })),
  );
  return { slots: events.map(({ stream, version }) => slotOf(stream, version)), events, unplaced: true };
}
