import type { OnApplicationBootstrap, OnModuleInit } from '@nestjs/common';
import type { DependencyStatus, DrainRegistry, Metrics, Readiness } from '@seam/process';
import { watchSetAside } from './read-model-metrics.js';
import type { SetAsideCount, SetAsides } from './set-asides.js';

const POLL_INTERVAL_MS = 2_000;

/**
 * Shows set-aside entries in health and metrics. It polls the store and answers from memory, so that both have the last known
 * values while the store does not answer.
 */
export class SetAsideWatch implements OnModuleInit, OnApplicationBootstrap {
  #counts: readonly SetAsideCount[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly of: { readonly service: string; readonly setAsideAt: string | undefined },
    private readonly asides: SetAsides,
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
    private readonly drains: DrainRegistry,
  ) {}

  onModuleInit(): void {
    const { service, setAsideAt } = this.of;
    this.readiness.inform(`set-aside:${service}`, () => statusOf(this.#counts, setAsideAt));
    watchSetAside(this.metrics, service, () => this.#counts);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#poll();
    this.#timer = setInterval(() => void this.#poll(), POLL_INTERVAL_MS);
    this.drains.add({
      name: `${this.of.service} set aside`,
      drain: () => {
        clearInterval(this.#timer);
        return Promise.resolve();
      },
    });
  }

  /** If the store does not answer, readiness reports that; this keeps the last known values. */
  async #poll(): Promise<void> {
    this.#counts = await this.asides.counts().catch(() => this.#counts);
  }
}

/** @param setAsideAt the route that shows the reasons */
export function statusOf(counts: readonly SetAsideCount[], setAsideAt: string | undefined): DependencyStatus {
  if (counts.length === 0) return { status: 'up' };
  const parts = counts.map(({ what, count, streams }) => {
    const others = count > streams.length ? ` and ${count - streams.length} more` : '';
    return `${what} has set aside ${streams.join(', ')}${others}`;
  });
  const where = setAsideAt === undefined ? '' : `: ${setAsideAt} says why`;
  return { status: 'degraded', reason: `${parts.join('; ')}${where}` };
}
