import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Projector } from '@seam/event-sourcing';
import { DrainRegistry } from '@seam/host';
import { Database } from '@seam/persistence';
import { sagaView } from '@seam/saga';
import { orderView } from './projections/order-view.js';

/** The orders service's projections: started with it, woken by its commits, stopped as it drains. */
@Injectable()
export class ReadModels implements OnApplicationBootstrap {
  readonly #projectors: readonly Projector[];

  constructor(
    database: Database,
    private readonly drains: DrainRegistry,
  ) {
    this.#projectors = [orderView(), sagaView()].map((projection) => new Projector(database, projection));
  }

  onApplicationBootstrap(): void {
    for (const projector of this.#projectors) projector.start();
    this.drains.add({ name: 'orders read models', drain: () => this.#stop() });
  }

  wake(): void {
    for (const projector of this.#projectors) projector.wake();
  }

  /** Makes every read model anew from the first event; resolves with how many events were applied. */
  async rebuild(): Promise<number> {
    const applied = await Promise.all(this.#projectors.map((projector) => projector.rebuild()));
    return applied.reduce((sum, events) => sum + events, 0);
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#projectors.map((projector) => projector.stop()));
  }
}
