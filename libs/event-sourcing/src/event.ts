import type { Origin } from '@seam/messaging';

/** A fact about one aggregate. `at` is when it was decided, ISO 8601 UTC. */
export interface DomainEvent<T extends string = string, D = unknown> {
  readonly type: T;
  readonly at: string;
  readonly data: D;
}

/** An event in the form in which it is stored: its `data` is of this version of its type's schema. */
export interface StoredEvent extends DomainEvent {
  readonly schemaVersion: number;
}

/** Why an event was appended; the same for all events of one commit of a work. Events of before it was stored have none. */
export type EventMetadata = Origin;

/** An event to be stored; without a schema version, its data is of version 1. */
export type NewEvent = DomainEvent & Partial<StoredEvent>;
