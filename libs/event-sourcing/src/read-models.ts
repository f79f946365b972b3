import { Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import type { DrainRegistry, Metrics } from '@seam/process';
import type { EventWorkHooks } from './deciding.js';
import { Pauses } from './retry-pauses.js';
import type { ProjectorLoop } from './projector-loop.js';
import { watchReadModels } from './read-model-metrics.js';
import { type RebuildProgress, RebuildRunningError, type Rebuilds } from './rebuilds.js';
import { reasonOf } from './set-asides.js';
import type { UnreadableStreamError } from './unreadable-stream.js';

/** Minimum interval between reports of the same unreadable stream, ms. */
const TELL_AGAIN_MS = 60_000;

/** A service's projections: started with it, woken by its commits, stopped while it drains. */
export class ReadModels implements OnModuleInit, OnApplicationBootstrap {
  readonly #told = new Pauses(TELL_AGAIN_MS, TELL_AGAIN_MS);
  readonly #unreadable = new Recurring(new Logger('Streams'), { what: 'failed reads of streams' });

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

  /** The hooks that event works call. */
  readonly hooks: EventWorkHooks = {
    appended: () => {
      for (const projector of this.projectors) projector.wake();
    },
    unreadable: (error) => this.unreadable(error),
  };

  /**
   * Rebuilds every read model from the first event, one after the other; resolves with the number of events read. Rejects
   * with `READ_MODELS.REBUILD_RUNNING` if a rebuild is running in any process.
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

  /** Retries streams that a read model has set aside. */
  async retry(readModel: string, streams: readonly string[]): Promise<void> {
    // A rebuild has locked the read model, and retries all of them.
    const running = await this.rebuilds.running();
    if (running !== undefined) throw new RebuildRunningError(running);
    await this.projectors.find(({ name }) => name === readModel)?.retry(streams);
  }

  /**
   * Sets a stream aside that some reader could not read, so that operators see it with all other set-aside streams, and it is
   * retried with them. Does nothing if a read model has set it aside already.
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
