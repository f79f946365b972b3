import type { OnApplicationBootstrap } from '@nestjs/common';
import type { ProjectorLoop } from '@seam/event-sourcing';
import type { DrainRegistry } from '@seam/host';

/** The orders service's projections: started with it, woken by its commits, stopped as it drains. */
export class ReadModels implements OnApplicationBootstrap {
  constructor(
    readonly projectors: readonly ProjectorLoop[],
    private readonly drains: DrainRegistry,
  ) {}

  onApplicationBootstrap(): void {
    for (const projector of this.projectors) projector.start();
    this.drains.add({ name: 'orders read models', drain: () => this.#stop() });
  }

  wake(): void {
    for (const projector of this.projectors) projector.wake();
  }

  /** Makes every read model anew from the first event; resolves with how many events were applied. */
  async rebuild(): Promise<number> {
    const applied = await Promise.all(this.projectors.map((projector) => projector.rebuild()));
    return applied.reduce((sum, events) => sum + events, 0);
  }

  async #stop(): Promise<void> {
    await Promise.all(this.projectors.map((projector) => projector.stop()));
  }
}
