import { Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import type { DrainRegistry, Metrics } from '@seam/process';
import type { EventWorkHooks } from './deciding.js';
import { Pauses } from './retry-pauses.js';
import type { ProjectorLoop } from './projector-loop.js';
import { watchReadModels } from './read-model-metrics.js';
import { PositionWaits } from './reach-position.js';
import { ReadModelRebuild } from './read-model-rebuild.js';
import type { RebuildProgress, Rebuilds } from './rebuilds.js';
import { reasonOf } from './set-asides.js';
import type { StreamPosition } from './stream-position.js';
import type { UnreadableStreamError } from './unreadable-stream.js';

/** Minimum interval between reports of the same unreadable stream, ms. */
const REPORT_AGAIN_MS = 60_000;

/** A service's projections: started with it, woken by its commits, stopped while it drains. */
export class ReadModels implements OnModuleInit, OnApplicationBootstrap {
  readonly #rebuild: ReadModelRebuild;
  readonly #waits: PositionWaits;
  readonly #reported = new Pauses(REPORT_AGAIN_MS, REPORT_AGAIN_MS);
  readonly #unreadable = new Recurring(new Logger('Streams'), { what: 'failed reads of streams' });

  constructor(
    private readonly service: string,
    readonly projectors: readonly ProjectorLoop[],
    rebuilds: Rebuilds,
    private readonly drains: DrainRegistry,
    private readonly metrics: Metrics,
  ) {
    this.#waits = new PositionWaits(projectors);
    this.#rebuild = new ReadModelRebuild(projectors, rebuilds);
  }

  onModuleInit(): void {
    watchReadModels(this.metrics, this.service, this.projectors);
  }

  onApplicationBootstrap(): void {
    for (const projector of this.projectors) projector.start();
    this.#rebuild.start();
    this.drains.add({ name: `${this.service} read models`, drain: () => this.#stop() });
  }

  /** The hooks that event works call. */
  readonly hooks: EventWorkHooks = {
    appended: () => {
      for (const projector of this.projectors) projector.wake();
    },
    unreadable: (error) => this.unreadable(error),
  };

  /** Rebuilds every read model from the first event, see {@link ReadModelRebuild.run}. */
  rebuild(): Promise<number> {
    return this.#rebuild.run();
  }

  rebuilding(): Promise<RebuildProgress | undefined> {
    return this.#rebuild.progress();
  }

  /** Cancels a rebuild in any process; resolves with false if there is none. */
  cancelRebuild(): Promise<boolean> {
    return this.#rebuild.cancel();
  }

  /**
   * Read your writes: resolves when the read model of this category has the position that a command answered, see
   * {@link PositionWaits.reach}; at once if there is none.
   */
  async reach(category: string, position: StreamPosition | undefined): Promise<void> {
    if (position !== undefined) await this.#waits.reach(category, position);
  }

  has(readModel: string): boolean {
    return this.projectors.some(({ name }) => name === readModel);
  }

  /** Retries streams that a read model has set aside. */
  async retry(readModel: string, streams: readonly string[]): Promise<void> {
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
    if (readModel === undefined || this.#reported.waiting(now).includes(stream)) return;
    this.#reported.failed(stream, now);
    this.#unreadable.happened(reasonOf(error));
    void readModel
      .setAside([{ stream, position: String(version), reason: reasonOf(error) }])
      .catch(() => false)
      .then((done) => {
        if (!done) this.#reported.forget(stream);
      });
  }

  async #stop(): Promise<void> {
    await this.#rebuild.stop();
    await Promise.all(this.projectors.map((projector) => projector.stop()));
    this.#unreadable.end();
  }
}
