import type { PersonalKeys } from './personal-keys.js';
import type { EventMetadata, NewEvent, StoredEvent } from './event.js';

/**
 * A stored event with its version in its stream: versions are 1, 2, 3 … without a gap. Its data is in the form in which it is
 * stored: `currentForm` of its aggregate upcasts it.
 */
export interface RecordedEvent extends StoredEvent {
  readonly stream: string;
  readonly version: number;
  /** From `read` and `readAll` only. */
  readonly metadata?: EventMetadata;
}

/** A position in the order of all events. Opaque: only to be stored and passed back. */
export interface Position {
  readonly tx: string;
  readonly seq: string;
}

export interface StreamAppend {
  readonly stream: string;
  /** The version of its last event, 0 for a new stream. */
  readonly expectedVersion: number;
  readonly events: readonly NewEvent[];
}

/** A state of a stream, after the event of this version. */
export interface Snapshot {
  readonly stream: string;
  readonly version: number;
  /** The version of the state's shape. */
  readonly shape: number;
  /** Plain JSON. */
  readonly state: unknown;
}

/** A stream's events after its snapshot, oldest first; without one, all of its events. */
export interface StreamHistory {
  readonly snapshot?: Pick<Snapshot, 'version' | 'state'>;
  readonly events: readonly RecordedEvent[];
}

/**
 * Streams of events. An append is atomic over all of its streams, and rejects with a conflict ({@link isConflict}),
 * nothing written, if one of them is not at its expected version, whether ahead or behind.
 */
export abstract class EventStore {
  /** The keys of the persons whose data is in its events. */
  abstract readonly personalKeys: PersonalKeys;

  abstract append(appends: readonly StreamAppend[], metadata?: EventMetadata): Promise<void>;

  /** A stream's events, oldest first; none for one that does not exist. */
  abstract read(stream: string, afterVersion?: number): Promise<RecordedEvent[]>;

  abstract readMany(streams: readonly string[]): Promise<Map<string, RecordedEvent[]>>;

  /** Like {@link readMany}, but each from its snapshot of this shape, if there is one. */
  abstract readSince(
    streams: readonly Pick<Snapshot, 'stream' | 'shape'>[],
  ): Promise<ReadonlyMap<string, StreamHistory>>;

  /** Keeps one snapshot per stream: the latest; one of another shape replaces it. The states must be those of stored events. */
  abstract saveSnapshots(snapshots: readonly Snapshot[]): Promise<void>;

  /**
   * The events of a category after a position, in an order that never changes: events that are committed late come later,
   * and none is skipped. Events are withheld until every transaction that began before theirs has ended.
   */
  abstract readAll(category: string, after: Position | undefined, limit: number): Promise<PositionedEvent[]>;
}

export interface PositionedEvent extends RecordedEvent {
  readonly position: Position;
}
