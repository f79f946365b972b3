import type { Pool } from 'pg';
import { type Aggregate, type DomainEvent, streamOf } from '../aggregate.js';
import type { RecordedEvent } from '../event-store.js';
import { readStream } from '../unreadable-stream.js';
import type { Reached } from './fold-projection.js';
import { PostgresEventStore } from './postgres-event-store.js';

/**
 * The states of streams at these versions, by id: computed from their events, for rows that do not store them. An error
 * if the events cannot be folded; a stream without events is left out.
 */
export async function statesReached<S, E extends DomainEvent>(
  aggregate: Aggregate<S, E>,
  reached: readonly Reached[],
  db: Pick<Pool, 'query'>,
): Promise<Map<string, S | Error>> {
  const read = await new PostgresEventStore(db).readMany(reached.map(({ id }) => streamOf(aggregate, id)));
  const states = new Map<string, S | Error>();
  for (const { id, version } of reached) {
    const stream = streamOf(aggregate, id);
    const events = read.get(stream)?.filter((event) => event.version <= version);
    if (events === undefined) continue;
    const { state, unreadable } = readStream(aggregate, stream, events);
    states.set(id, unreadable ?? state);
  }
  return states;
}

/**
 * One stream's state, computed from the events of several streams; up to the first event that this version cannot read,
 * if any.
 */
export function stateAmong<S, E extends DomainEvent>(
  aggregate: Aggregate<S, E>,
  id: string,
  events: ReadonlyMap<string, readonly RecordedEvent[]>,
): S {
  const stream = streamOf(aggregate, id);
  return readStream(aggregate, stream, events.get(stream) ?? []).state;
}
