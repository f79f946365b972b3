import { type Aggregate, type DomainEvent, streamOf, type StreamRef } from './aggregate.js';
import type { EventStore, RecordedEvent } from './event-store.js';
import { loadStreams } from './load-streams.js';
import type { ReadModels } from './read-models.js';
import type { SnapshotWriter } from './snapshots.js';
import { readStream, type UnreadableStreamError } from './unreadable-stream.js';

/** Reads aggregates as they are now, from their streams. */
export class AggregateReader {
  constructor(
    private readonly store: Pick<EventStore, 'read' | 'readMany' | 'readSince'>,
    private readonly models: Pick<ReadModels, 'unreadable'>,
    private readonly snapshots?: SnapshotWriter,
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
    if (unreadable !== undefined) this.#refuse(unreadable);
    return { state, events };
  }

  /** Like {@link read}, without the events: where the aggregate has snapshots, it reads few of them. */
  async load<S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string): Promise<{ state: S; version: number }> {
    const ref = { aggregate, id } as unknown as StreamRef;
    const loaded = (await loadStreams(this.store, [ref], this.snapshots)).get(streamOf(aggregate, id));
    if (loaded?.unreadable !== undefined) this.#refuse(loaded.unreadable);
    return { state: (loaded?.state ?? aggregate.initial) as S, version: loaded?.version ?? 0 };
  }

  #refuse(unreadable: UnreadableStreamError): never {
    this.models.unreadable(unreadable);
    throw unreadable;
  }
}
