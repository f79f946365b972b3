import { STREAM_VERSIONS } from '@seam/messaging/mongodb';
import type { MongoCollectionSpec, MongoModelSpec } from '@seam/persistence/mongodb';
import type { EventMetadata, NewEvent } from '../event.js';
import type { Position, RecordedEvent, StreamAppend } from '../event-store.js';
import { personKeyModel } from './mongo-personal-keys.js';
import type { SetAside } from '../set-asides.js';

/**
 * The field of a commit that has no place in the order of all events yet. Stored documents, and processes of an older
 * version during a roll-out, have it under this name.
 */
export const UNSEQUENCED = 'unplaced';

/** The event-sourcing fields of a commit, in addition to those of @seam/messaging. */
export interface EventCommit {
  /** UUID version 7. */
  readonly _id: string;
  /** For each event `<stream>@<version>`, in the order of `events`. */
  readonly [STREAM_VERSIONS]?: readonly string[];
  readonly events?: readonly StoredInCommit[];
  readonly [UNSEQUENCED]?: true;
  /** Of all its events. */
  readonly metadata?: EventMetadata;
}

/** A segment of the order of all events: the next commits, in their order. Written once and never changed. */
export interface OrderDocument {
  /** 1, 2, 3 … without a gap. */
  readonly _id: number;
  readonly commits: readonly string[];
}

/** The position of a projection, and which of its generations is the one to be read. */
export interface CheckpointDocument {
  /** The projection's name. */
  readonly _id: string;
  readonly generation: string;
  /** Of the projection; missing: 1. */
  readonly version?: number;
  /** Missing before its first event. */
  readonly position?: Position;
}

/** A generation that is under construction, with its position. */
export interface ShadowDocument {
  /** The projection's name. */
  readonly _id: string;
  readonly generation: string;
  readonly since: Date;
  readonly events: number;
  readonly total?: number;
  /** Of the projection; missing: 1. */
  readonly version?: number;
  /** Missing before its first event. */
  readonly position?: Position;
}

/** A stream that was set aside. */
export interface SetAsideDocument extends Omit<SetAside, 'id'> {
  /** Made of what, generation and stream, so that each is set aside only once. */
  readonly _id: string;
  /** For a view: the generation that left the stream out. Other generations may have processed it. */
  readonly generation?: string;
  /** The last version of the stream that a view has left out. */
  readonly upTo: number;
}

/** The rebuild that is running. */
export interface RebuildDocument {
  readonly _id: string;
  readonly owner: string;
  readonly since: Date;
  readonly readModel: string;
  readonly events: number;
  /** Until this time its process is assumed to be alive. */
  readonly leasedUntil: Date;
}

export const checkpointModel: MongoModelSpec<CheckpointDocument> = {
  name: 'projections',
  fields: {
    _id: String,
    generation: { type: String, required: true },
    version: Number,
    position: { tx: String, seq: String },
  },
  indexes: [],
};

export const rebuildModel: MongoModelSpec<RebuildDocument> = {
  name: 'rebuilds',
  fields: {
    _id: String,
    owner: { type: String, required: true },
    since: { type: Date, required: true },
    // Empty until the first batch: mongoose takes an empty text for one that is missing.
    readModel: String,
    events: { type: Number, required: true },
    leasedUntil: { type: Date, required: true },
  },
  indexes: [],
};

export const shadowModel: MongoModelSpec<ShadowDocument> = {
  name: 'shadow_projections',
  fields: {
    _id: String,
    generation: { type: String, required: true },
    since: { type: Date, required: true },
    events: { type: Number, required: true },
    total: Number,
    version: Number,
    position: { tx: String, seq: String },
  },
  indexes: [],
};

export const setAsideModel: MongoModelSpec<SetAsideDocument> = {
  name: 'set_aside',
  fields: {
    _id: String,
    what: { type: String, required: true },
    generation: String,
    stream: { type: String, required: true },
    position: { type: String, required: true },
    upTo: { type: Number, required: true },
    // An error without a message has an empty one.
    reason: String,
    since: { type: Date, required: true },
  },
  indexes: [
    { name: 'by_age', key: { since: 1, _id: 1 } },
    { name: 'of_a_kind', key: { what: 1, since: 1, _id: 1 } },
  ],
};

/** A state of a stream. */
export interface SnapshotDocument {
  /** The stream. */
  readonly _id: string;
  readonly version: number;
  readonly shape: number;
  /** As JSON text, so that it is stored unchanged. */
  readonly state: string;
}

export const SNAPSHOTS = 'snapshots';
export const EVENT_COMMITS = 'commits';
export const EVENT_ORDER = 'event_order';

/** Streams are found by the unique index over stream versions, which @seam/messaging creates. */
export const eventCollections: readonly MongoCollectionSpec[] = [
  { name: EVENT_COMMITS, indexes: [{ name: 'to_be_placed', key: { [UNSEQUENCED]: 1 }, sparse: true }] },
  { name: EVENT_ORDER, indexes: [] },
  { name: SNAPSHOTS, indexes: [] },
  checkpointModel,
  rebuildModel,
  shadowModel,
  setAsideModel,
  personKeyModel,
];

export const streamVersionOf = (stream: string, version: number): string => `${stream}@${version}`;

/** The inverse of {@link streamVersionOf}. */
export function parseStreamVersion(text: string): { stream: string; version: number } {
  const at = text.lastIndexOf('@');
  return { stream: text.slice(0, at), version: Number(text.slice(at + 1)) };
}

/** The fields of a commit that its events are read from. */
export type CommittedEvents = Pick<EventCommit, typeof STREAM_VERSIONS | 'events' | 'metadata'>;

/**
 * A commit's events. Stream and version are those in the index. An event that is missing or damaged gets the type
 * `unreadable`: then its stream cannot be read, but every other stream of the commit can.
 */
export const eventsIn = ({
  [STREAM_VERSIONS]: streamVersions = [],
  events,
  metadata,
}: CommittedEvents): RecordedEvent[] =>
  streamVersions.map((streamVersion, index) => {
    const event: unknown = Array.isArray(events) ? events[index] : undefined;
    const known = typeof event === 'object' && event !== null ? (event as StoredInCommit) : NO_EVENT;
    const { schemaVersion = 1 } = known;
    const recorded = { ...known, schemaVersion, ...parseStreamVersion(streamVersion) };
    return metadata === undefined ? recorded : { ...recorded, metadata };
  });

/** An event of a commit: without a schema version, its data is of version 1. */
type StoredInCommit = Omit<RecordedEvent, 'schemaVersion'> & Partial<RecordedEvent>;

const NO_EVENT: NewEvent = { type: 'unreadable', at: '', data: null };

/** The fields of one commit that contains all these appends. */
export function commitOf(
  appends: readonly StreamAppend[],
  metadata: EventMetadata = {},
): Omit<EventCommit, '_id'> & Pick<Required<EventCommit>, typeof STREAM_VERSIONS> {
  const events = appends.flatMap(({ stream, expectedVersion, events: appended }) =>
    appended.map(({ type, at, data, schemaVersion = 1 }: NewEvent, index) => ({
      stream,
      version: expectedVersion + index + 1,
      type,
      at,
      data,
      ...(schemaVersion === 1 ? {} : { schemaVersion }),
    })),
  );
  return {
    [STREAM_VERSIONS]: events.map(({ stream, version }) => streamVersionOf(stream, version)),
    events,
    [UNSEQUENCED]: true,
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}
