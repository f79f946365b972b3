import type { DomainEvent } from '../aggregate.js';
import type { EventStore } from '../event-store.js';
import { entryOf } from '../projection.js';
import { type Applied, ProjectorLoop, type ProjectorOptions } from '../projector-loop.js';
import type { SetAsideEntry } from '../set-asides.js';
import type { StreamPosition } from '../stream-position.js';
import { isReached } from './positions.js';
import type { CheckpointDocument } from './collections.js';
import { MongoShadow } from './mongo-shadow.js';
import type { MongoView } from './mongo-view.js';
import { applyToView, lastOf, type Left, setAsideIn } from './view-events.js';

/**
 * Keeps one view up to date: rows first, then the checkpoint. Several processes may do so at once, and one may die in
 * between: an event that is applied again has no further effect.
 */
export class MongoProjector<S, E extends DomainEvent> extends ProjectorLoop {
  readonly category: string;
  override readonly shadow: MongoShadow<S, E>;

  constructor(
    private readonly store: EventStore,
    private readonly view: MongoView<S, E>,
    options: ProjectorOptions = {},
  ) {
    super(view.name, options);
    this.category = view.category;
    this.shadow = new MongoShadow(store, view, options.rebuildChunk);
  }

  /** Never waits for a lock: several processes may apply the same events. */
  override async retry(streams: readonly string[]): Promise<readonly string[]> {
    const checkpoint = await this.view.checkpoint();
    if (this.#isNewer(checkpoint)) return [];
    const { generation } = checkpoint;
    const gone: string[] = [];
    for (const stream of streams) if (await this.#retry(generation, stream)) gone.push(stream);
    return gone;
  }

  override async setAside(entries: readonly SetAsideEntry[]): Promise<boolean> {
    const { generation } = await this.view.checkpoint();
    await this.view.asides.addTo(this.view.name, generation, entries);
    return true;
  }

  override async has(event: StreamPosition): Promise<boolean | undefined> {
    const { position } = await this.view.checkpoint();
    return isReached(this.view.database, event, position);
  }

  protected override async asideNow(): Promise<readonly string[]> {
    const { generation } = await this.view.checkpoint();
    return this.view.asides.streamsOf(this.view.name, generation);
  }

  protected override async applyNext(): Promise<Applied> {
    const checkpoint = await this.view.checkpoint();
    if (this.#isNewer(checkpoint)) return { events: 0 };
    const events = await this.store.readAll(this.view.category, checkpoint.position, this.batch);
    const last = events.at(-1);
    if (last === undefined) return { events: 0 };
    const left = await applyToView(this.view, checkpoint.generation, events);
    // A rebuild has switched to a new generation meanwhile: the entries of the old one would be useless.
    if (left.length > 0 && (await this.view.checkpoint()).generation !== checkpoint.generation) return this.applyNext();
    await this.#setAside(checkpoint.generation, left);
    await this.view.move(checkpoint, last.position);
    // Events after a full batch are not older than its last one.
    return { events: events.length, ...(events.length < this.batch ? {} : { waiting: last.at }) };
  }

  /** Whether the view is of a newer version of the projection, which this process must not write. */
  #isNewer({ version = 1 }: CheckpointDocument): boolean {
    return version > this.view.version;
  }

  async #setAside(generation: string, left: readonly Left[]): Promise<void> {
    await setAsideIn(this.view, generation, left);
    this.logSetAside(left);
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

/** Maximum number of rounds if new events keep arriving; after that, the next call retries. */
const RETRY_ROUNDS = 10;
