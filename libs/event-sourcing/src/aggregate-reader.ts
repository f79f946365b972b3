import { type Aggregate, type DomainEvent, streamOf } from './aggregate.js';
import type { EventStore, RecordedEvent } from './event-store.js';
import type { ReadModels } from './read-models.js';
import { readStream } from './unreadable-stream.js';

/** Reads aggregates as they are now, from their streams. */
export class AggregateReader {
  constructor(
    private readonly store: Pick<EventStore, 'read'>,
    private readonly models: Pick<ReadModels, 'unreadable'>,
  ) {}

  /**
   * The state and its events, oldest first; the aggregate's initial state where there are none. A stream that cannot be read
   * rejects with `STREAM.UNREADABLE`, and is set aside for operators to see.
   */
  async read<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
  ): Promise<{ state: S; events: RecordedEvent[] }> {
    const stream = streamOf(aggregate, id);
    const events = await this.store.read(stream);
    const { state, unreadable } = readStream(aggregate, stream, events);
    if (unreadable === undefined) return { state, events };
    this.models.unreadable(unreadable);
    throw unreadable;
  }
}
