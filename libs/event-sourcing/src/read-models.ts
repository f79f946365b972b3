import { Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import type { DrainRegistry, Metrics } from '@seam/process';
import type { EventWorkHooks } from './deciding.js';
import { Pauses } from './pauses.js';
import type { ProjectorLoop } from './projector-loop.js';
import { watchReadModels } from './read-model-metrics.js';
import { type RebuildProgress, RebuildRunningError, type Rebuilds } from './rebuilds.js';
import { reasonOf } from './set-asides.js';
import type { UnreadableStreamError } from './unreadable.js';

/** One stream is set aside by those who want to read it no more often than this. */
const TELL_AGAIN_MS = 60_000;

/** A service's projections: started with it, woken by its commits, stopped as it drains. */
export class ReadModels implements OnModuleInit, OnApplicationBootstrap {
  readonly #told = new Pauses(TELL_AGAIN_MS, TELL_AGAIN_MS);
  readonly #unreadable = new Recurring(new Logger('Streams'), { what: 'times a stream could not be read' });

  constructor(
    private readonly service: string,
    readonly projectors: readonly ProjectorLoop[],
    private readonly rebuilds: Rebuilds,
    private readonly drains: DrainRegistry,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    watchReadModels(this.metrics, this.service, this.projectors);
  }

  onApplicationBootstrap(): void {
    for (const projector of this.projectors) projector.start();
    this.drains.add({ name: `${this.service} read models`, drain: () => this.#stop() });
  }

  /** What event works tell it. */
  readonly hooks: EventWorkHooks = {
    appended: () => {
      for (const projector of this.projectors) projector.wake();
    },
    unreadable: (error) => this.unreadable(error),
  };

  /**
   * Makes every read model anew from the first event, one after the other; resolves with how many events were read.
   * Rejects with `READ_MODELS.REBUILD_RUNNING` where some process does so already.
   */
  rebuild(): Promise<number> {
    return this.rebuilds.run(async (tell) => {
      let total = 0;
      for (const projector of this.projectors) {
        const before = total;
        total += await projector.rebuild((events) => tell(projector.name, before + events));
      }
      return total;
    });
  }

  rebuilding(): Promise<RebuildProgress | undefined> {
    return this.rebuilds.running();
  }

  has(readModel: string): boolean {
    return this.projectors.some(({ name }) => name === readModel);
  }

  /** Tries streams again that a read model has set aside. */
  async retry(readModel: string, streams: readonly string[]): Promise<void> {
    // A rebuild has the read model to itself, and tries them all.
    const running = await this.rebuilds.running();
    if (running !== undefined) throw new RebuildRunningError(running);
    await this.projectors.find(({ name }) => name === readModel)?.retry(streams);
  }

  /**
   * Sets a stream aside that could not be read, by whoever wanted to: so it is seen where all is seen that stands still,
   * and tried again with it. What a read model has met by itself is there already.
   */
  unreadable(error: UnreadableStreamError): void {
    const { stream, version } = error;
    const now = Date.now();
    const readModel = this.projectors.find(({ category }) => stream.startsWith(`${category}-`));
    if (readModel === undefined || this.#told.waiting(now).includes(stream)) return;
    this.#told.failed(stream, now);
    this.#unreadable.happened(reasonOf(error));
    void readModel
      .leaveAside([{ stream, position: String(version), reason: reasonOf(error) }])
      .catch(() => false)
      .then((done) => {
        if (!done) this.#told.forget(stream);
      });
  }

  async #stop(): Promise<void> {
    await Promise.all(this.projectors.map((projector) => projector.stop()));
    this.#unreadable.end();
  }
}
