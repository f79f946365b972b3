import type { MongoCollectionSpec } from '@seam/persistence';
import type { DomainEvent } from '../aggregate.js';
import type { Position, RecordedEvent, StreamAppend } from '../event-store.js';
import type { SetAside } from '../set-asides.js';

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

/** A stream that was set aside. */
export interface SetAsideDocument extends Omit<SetAside, 'id'> {
  /** Made of what, generation and stream: each is set aside once. */
  readonly _id: string;
  /** Of a view, whose other generations may do without. */
  readonly generation?: string;
  /** The last version of the stream that a view has left out. */
  readonly upTo: number;
}

/** The rebuild that runs. */
export interface RebuildDocument {
  readonly _id: string;
  readonly owner: string;
  readonly since: Date;
  readonly readModel: string;
  readonly events: number;
  /** Until when its process is taken to be alive. */
  readonly leasedUntil: Date;
}

export const EVENT_COMMITS = 'commits';
export const EVENT_ORDER = 'event_order';
export const PROJECTIONS = 'projections';
export const REBUILDS = 'rebuilds';
export const SET_ASIDE = 'set_aside';

/** Streams are found by the slots, whose unique index @seam/messaging makes. */
export const eventCollections: readonly MongoCollectionSpec[] = [
  { name: EVENT_COMMITS, indexes: [{ name: 'to_be_placed', key: { unplaced: 1 }, sparse: true }] },
  { name: EVENT_ORDER, indexes: [] },
  { name: PROJECTIONS, indexes: [] },
  { name: REBUILDS, indexes: [] },
  {
    name: SET_ASIDE,
    indexes: [
      { name: 'by_age', key: { since: 1, _id: 1 } },
      { name: 'of_a_kind', key: { what: 1, since: 1, _id: 1 } },
    ],
  },
];

export const slotOf = (stream: string, version: number): string => `${stream}@${version}`;

/** The stream and version a slot stands for. */
export function placeOf(slot: string): { stream: string; version: number } {
  const at = slot.lastIndexOf('@');
  return { stream: slot.slice(0, at), version: Number(slot.slice(at + 1)) };
}

/**
 * A commit's events. Their places are what the index holds; an event that is not there, or is none, is one of no type:
 * its stream cannot be read, and no other is kept from being so.
 */
export const eventsIn = ({ slots = [], events }: Pick<EventCommit, 'slots' | 'events'>): RecordedEvent[] =>
  slots.map((slot, index) => {
    const event: unknown = Array.isArray(events) ? events[index] : undefined;
    const known = typeof event === 'object' && event !== null ? (event as RecordedEvent) : NO_EVENT;
    return { ...known, ...placeOf(slot) };
  });

const NO_EVENT = { type: 'unreadable', at: '', data: null };

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
