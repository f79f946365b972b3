import type { DomainEvent } from '../aggregate.js';
import type { EventStore, Position } from '../event-store.js';
import { ProjectorLoop, type ProjectorOptions } from '../projector-loop.js';
import type { MongoView } from './mongo-view.js';

/**
 * Keeps one view up to date: rows first, then the checkpoint. Several processes may do so at once, and one may die in
 * between: an event that is applied again makes no difference.
 */
export class MongoProjector<S, E extends DomainEvent> extends ProjectorLoop {
  constructor(
    private readonly store: EventStore,
    private readonly view: MongoView<S, E>,
    options: ProjectorOptions = {},
  ) {
    super(view.name, options);
  }

  /** Into a new generation, beside the old one; what happens meanwhile is applied right after the change. */
  override async rebuild(): Promise<number> {
    const { view } = this;
    const generation = view.begin();
    let position: Position | undefined;
    let total = 0;
    for (;;) {
      const events = await this.store.readAll(view.category, position, this.batch);
      if (events.length > 0) await view.apply(generation, events);
      position = events.at(-1)?.position ?? position;
      total += events.length;
      if (events.length < this.batch) break;
    }
    await view.switchTo(generation, position);
    return total + (await this.catchUp());
  }

  protected override async applyNext(): Promise<number> {
    const checkpoint = await this.view.checkpoint();
    const events = await this.store.readAll(this.view.category, checkpoint.position, this.batch);
    const last = events.at(-1);
    if (last === undefined) return 0;
    await this.view.apply(checkpoint.generation, events);
    await this.view.move(checkpoint, last.position);
    return events.length;
  }
}
