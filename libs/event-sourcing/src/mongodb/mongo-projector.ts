import type { DomainEvent } from '../aggregate.js';
import type { EventStore, Position, RecordedEvent } from '../event-store.js';
import { byStream, entryOf, type Refused } from '../projection.js';
import { type Applied, ProjectorLoop, type ProjectorOptions } from '../projector-loop.js';
import type { SetAsideEntry } from '../set-asides.js';
import type { MongoView } from './mongo-view.js';

/**
 * Keeps one view up to date: rows first, then the checkpoint. Several processes may do so at once, and one may die in
 * between: an event that is applied again has no further effect.
 */
export class MongoProjector<S, E extends DomainEvent> extends ProjectorLoop {
  readonly category: string;

  constructor(
    private readonly store: EventStore,
    private readonly view: MongoView<S, E>,
    options: ProjectorOptions = {},
  ) {
    super(view.name, options);
    this.category = view.category;
  }

  /**
   * Builds a new generation beside the old one; events that are appended meanwhile are applied right after the switch.
   */
  override async rebuild(progress: (events: number) => void = () => undefined): Promise<number> {
    const { view } = this;
    const generation = view.begin();
    let position: Position | undefined;
    let total = 0;
    for (;;) {
      const events = await this.store.readAll(view.category, position, this.batch);
      await this.#setAside(generation, await this.#apply(generation, events));
      position = events.at(-1)?.position ?? position;
      total += events.length;
      progress(total);
      if (events.length < this.batch) break;
    }
    await view.switchTo(generation, position);
    return total + (await this.catchUp());
  }

  /** Never waits for a lock: several processes may apply the same events. */
  override async retry(streams: readonly string[]): Promise<readonly string[]> {
    const { generation } = await this.view.checkpoint();
    const gone: string[] = [];
    for (const stream of streams) if (await this.#retry(generation, stream)) gone.push(stream);
    return gone;
  }

  override async leaveAside(entries: readonly SetAsideEntry[]): Promise<boolean> {
    const { generation } = await this.view.checkpoint();
    await this.view.asides.addTo(this.view.name, generation, entries);
    return true;
  }

  protected override async asideNow(): Promise<readonly string[]> {
    const { generation } = await this.view.checkpoint();
    return this.view.asides.streamsOf(this.view.name, generation);
  }

  protected override async applyNext(): Promise<Applied> {
    const checkpoint = await this.view.checkpoint();
    const events = await this.store.readAll(this.view.category, checkpoint.position, this.batch);
    const last = events.at(-1);
    if (last === undefined) return { events: 0 };
    const left = await this.#apply(checkpoint.generation, events);
    // A rebuild has switched to a new generation meanwhile: the entries of the old one would be useless.
    if (left.length > 0 && (await this.view.checkpoint()).generation !== checkpoint.generation) return this.applyNext();
    await this.#setAside(checkpoint.generation, left);
    await this.view.move(checkpoint, last.position);
    // Events after a full batch are not older than its last one.
    return { events: events.length, ...(events.length < this.batch ? {} : { waiting: last.at }) };
  }

  /** Applies a batch, except for streams that are set aside; resolves with the events that cannot be applied. */
  async #apply(generation: string, events: readonly RecordedEvent[]): Promise<readonly Left[]> {
    if (events.length === 0) return [];
    const streams = byStream(events);
    const { view } = this;
    for (const stream of await view.asides.among(view.name, generation, [...streams.keys()]))
      if (await view.asides.leaveOut(view.name, generation, stream, lastOf(streams.get(stream))))
        streams.delete(stream);
    const refused = await view.apply(generation, [...streams.values()].flat());
    return refused.map((one) => ({ ...one, upTo: lastOf(streams.get(one.stream)) }));
  }

  async #setAside(generation: string, left: readonly Left[]): Promise<void> {
    const entries = left.map(({ upTo, ...one }) => ({ ...entryOf(one), upTo }));
    await this.view.asides.addTo(this.view.name, generation, entries);
    this.tellSetAside(left);
  }

  /** Resolves with whether the stream is no longer set aside. */
  async #retry(generation: string, stream: string): Promise<boolean> {
    const { view } = this;
    for (let round = 0; round < RETRY_ROUNDS; round += 1) {
      const events = await this.store.read(stream);
      // The row may be newer than an unreadable event, which `apply` would then skip: so all events of the stream are
      // checked here.
      const unreadable = view.refusedOf(events);
      const refused = unreadable === undefined ? await view.apply(generation, events) : [unreadable];
      if (refused.length > 0) {
        await view.asides.addTo(view.name, generation, refused.map(entryOf));
        return false;
      }
      // If events were left out meanwhile, another round applies them.
      if (await view.asides.release(view.name, generation, stream, lastOf(events))) return true;
    }
    return false;
  }
}

/** A refused event, with the last version of its stream in the batch. */
type Left = Refused & { readonly upTo: number };

/** Maximum number of rounds if new events keep arriving; after that, the next call retries. */
const RETRY_ROUNDS = 10;

const lastOf = (events: readonly RecordedEvent[] = []): number => events.at(-1)?.version ?? 0;
