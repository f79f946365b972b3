import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { type SetAsideCount, SetAsides } from '@seam/event-sourcing';
import { type DependencyStatus, DrainRegistry, Metrics, Readiness, watchSetAside } from '@seam/host';

const LOOK_EVERY_MS = 2_000;

/**
 * Shows in health and metrics what is set aside. It looks by itself and answers from memory, so that both say what they
 * know while the store does not answer.
 */
@Injectable()
export class SetAsideWatch implements OnModuleInit, OnApplicationBootstrap {
  #counts: readonly SetAsideCount[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly asides: SetAsides,
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
    private readonly drains: DrainRegistry,
  ) {}

  onModuleInit(): void {
    this.readiness.inform('set-aside:orders', () => statusOf(this.#counts));
    watchSetAside(this.metrics, 'orders', () => this.#counts);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.drains.add({
      name: 'orders set aside',
      drain: () => {
        clearInterval(this.#timer);
        return Promise.resolve();
      },
    });
  }

  /** A store that does not answer is readiness' to tell: until then this says what it knew. */
  async #look(): Promise<void> {
    this.#counts = await this.asides.counts().catch(() => this.#counts);
  }
}

export function statusOf(counts: readonly SetAsideCount[]): DependencyStatus {
  if (counts.length === 0) return { status: 'up' };
  const parts = counts.map(({ what, count, streams }) => {
    const others = count > streams.length ? ` and ${count - streams.length} more` : '';
    return `${what} has set aside ${streams.join(', ')}${others}`;
  });
  return { status: 'degraded', reason: `${parts.join('; ')}: GET /api/set-aside says why` };
}
