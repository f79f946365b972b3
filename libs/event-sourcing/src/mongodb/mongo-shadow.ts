import { isDeepStrictEqual } from 'node:util';
import { isDuplicateKey, type MongoModel } from '@seam/persistence/mongodb';
import type { DomainEvent } from '../aggregate.js';
import type { EventStore, Position, PositionedEvent } from '../event-store.js';
import {
  type Advanced,
  NewerVersionError,
  RebuildCancelledError,
  ShadowReadModel,
  type ShadowProgress,
} from '../shadow-read-model.js';
import { type ShadowDocument, shadowModel } from './collections.js';
import { countEvents } from './mongo-event-store.js';
import type { MongoView } from './mongo-view.js';
import { isBefore } from './positions.js';
import { applyToView, setAsideIn } from './view-events.js';

/** Events per chunk: each has one write of its rows and one of the checkpoint, which the server makes durable. */
const CHUNK = 4_000;

/**
 * A generation of a view that is not read yet. A document of its own has its checkpoint; rows are written first, then
 * this checkpoint, so that a chunk that is applied again after a crash has no further effect.
 */
export class MongoShadow<S, E extends DomainEvent> extends ShadowReadModel {
  readonly #shadows: MongoModel<ShadowDocument>;
  /** The next chunk, read while the one before it is written. */
  #ahead: { readonly after: Position; readonly events: Promise<readonly PositionedEvent[] | undefined> } | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly view: MongoView<S, E>,
    private readonly chunk = CHUNK,
  ) {
    super();
    this.#shadows = view.database.model(shadowModel);
  }

  override async due(): Promise<boolean> {
    const { version: mine } = this.view;
    const { version: live = 1, position } = await this.view.checkpoint();
    const found = await this.#read();
    if (Math.max(live, found?.version ?? 1) > mine) return false;
    // Before its first event, the view has no rows of the version before.
    return found !== undefined || (live < mine && position !== undefined);
  }

  override async begin(): Promise<void> {
    const { version: mine } = this.view;
    const found = await this.#read();
    const { version: live = 1 } = await this.view.checkpoint();
    if (Math.max(live, found?.version ?? 1) > mine) throw new NewerVersionError(this.view.name);
    if (found !== undefined && (found.version ?? 1) === mine) return;
    if (found !== undefined) await this.discard();
    const total = await countEvents(this.view.database, this.view.category);
    const row = {
      generation: this.view.begin(),
      ...this.view.ofVersion,
      since: new Date(),
      events: 0,
      ...(total === undefined ? {} : { total }),
    };
    await this.#shadows
      .run((all) => all.updateOne({ _id: this.view.name }, { $setOnInsert: row }, { upsert: true }))
      .catch((error: unknown) => {
        // Another process has started one at the same time.
        if (!isDuplicateKey(error)) throw error;
      });
  }

  override async progress(): Promise<ShadowProgress | undefined> {
    const found = await this.#read();
    return found === undefined ? undefined : { since: found.since, events: found.events, total: found.total };
  }

  override async advance(): Promise<Advanced> {
    const shadow = await this.#existing();
    const events = await this.#next(shadow.position);
    const last = events.at(-1);
    if (last === undefined) return { events: shadow.events, caughtUp: true };
    if (events.length === this.chunk) this.#readAhead(last.position);
    const { generation } = shadow;
    await setAsideIn(this.view, generation, await applyToView(this.view, generation, events, true));
    await this.#move(shadow, last.position, events.length);
    return { events: shadow.events + events.length, caughtUp: events.length < this.chunk };
  }

  /** The events after this position: read ahead, unless another process has moved the checkpoint, or that read failed. */
  async #next(after: Position | undefined): Promise<readonly PositionedEvent[]> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const events = after !== undefined && isDeepStrictEqual(ahead?.after, after) ? await ahead?.events : undefined;
    return events ?? this.store.readAll(this.view.category, after, this.chunk);
  }

  #readAhead(after: Position): void {
    // If this fails, the next chunk is read again, and that error is reported.
    const events = this.store.readAll(this.view.category, after, this.chunk).catch(() => undefined);
    this.#ahead = { after, events };
  }

  override async swap(): Promise<number | undefined> {
    const live = await this.view.checkpoint();
    if ((live.version ?? 1) > this.view.version) throw new NewerVersionError(this.view.name);
    const { events, generation, position } = await this.#existing();
    if (live.generation !== generation) {
      if (live.position !== undefined && (position === undefined || isBefore(position, live.position)))
        return undefined;
      if (!(await this.view.switchTo(generation, position, live))) return undefined;
    }
    await this.#shadows.run((all) => all.deleteOne({ _id: this.view.name, generation }));
    await this.view.dropReplaced(generation, live.generation);
    return events;
  }

  override async discard(): Promise<boolean> {
    const found = await this.#read();
    if (found === undefined) return false;
    const { generation } = found;
    const { deletedCount } = await this.#shadows.run((all) => all.deleteOne({ _id: this.view.name, generation }));
    const live = await this.view.checkpoint();
    if (live.generation !== generation) await this.view.dropGeneration(generation);
    return deletedCount > 0;
  }

  async #move({ generation, position }: ShadowDocument, to: Position, events: number): Promise<void> {
    const asRead = { _id: this.view.name, generation, position: position ?? { $exists: false } };
    const change = { $set: { position: to }, $inc: { events } };
    const { matchedCount } = await this.#shadows.run((all) => all.updateOne(asRead, change));
    // Not matched: another process has applied these events, or it was cancelled meanwhile.
    if (matchedCount === 0) await this.#existing();
  }

  async #existing(): Promise<ShadowDocument> {
    const found = await this.#read();
    if (found === undefined) throw new RebuildCancelledError(this.view.name);
    return found;
  }

  async #read(): Promise<ShadowDocument | undefined> {
    const _id = this.view.name;
    return (await this.#shadows.run((all) => all.findOne({ _id }).lean<ShadowDocument>())) ?? undefined;
  }
}
