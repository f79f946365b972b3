import type { DomainEvent } from './aggregate.js';

/** An event with its place in its stream: versions are 1, 2, 3 … without a gap. */
export interface RecordedEvent extends DomainEvent {
  readonly stream: string;
  readonly version: number;
}

/** A place in the order of all events. Opaque: to be kept and given back. */
export interface Position {
  readonly tx: string;
  readonly seq: string;
}

export interface StreamAppend {
  readonly stream: string;
  /** The version of its last event, 0 for a new stream. */
  readonly expectedVersion: number;
  readonly events: readonly DomainEvent[];
}

/**
 * Streams of events. An append is atomic over all of its streams, and rejects with a conflict ({@link isConflict}),
 * nothing written, where one of them is not at its expected version: ahead or behind.
 */
export abstract class EventStore {
  abstract append(appends: readonly StreamAppend[]): Promise<void>;

  /** A stream's events, oldest first; none for one that does not exist. */
  abstract read(stream: string, afterVersion?: number): Promise<RecordedEvent[]>;

  abstract readMany(streams: readonly string[]): Promise<Map<string, RecordedEvent[]>>;

  /**
   * The events of a category after a position, in an order that never changes: what commits late comes later, and
   * nothing is skipped. Events wait here until every transaction that began before theirs has ended.
   */
  abstract readAll(category: string, after: Position | undefined, limit: number): Promise<PositionedEvent[]>;
}

export interface PositionedEvent extends RecordedEvent {
  readonly position: Position;
}
