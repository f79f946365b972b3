import { Gauge } from 'prom-client';
import type { Metrics } from './metrics.js';

/** Sagas of one definition in one state. */
export interface SagaGroup {
  readonly definition: string;
  readonly state: string;
  readonly count: number;
  /** When the oldest of them was begun. */
  readonly oldest: Date;
}

/** Shows the sagas that have not ended well yet, asked of the store only when somebody reads the metrics. */
export function watchSagas(metrics: Metrics, sagas: { open(): Promise<readonly SagaGroup[]> }): void {
  const labelNames = ['definition', 'state'] as const;
  const registers = [metrics.registry];
  const count = new Gauge({
    name: 'seam_sagas',
    help: 'Sagas that run, compensate or are parked',
    labelNames,
    registers,
  });
  const oldest = new Gauge({
    name: 'seam_saga_oldest_seconds',
    help: 'How long ago the oldest of them was begun',
    labelNames,
    registers,
  });
  metrics.beforeRead(async () => {
    // A store that does not answer is readiness' to tell.
    const groups = await sagas.open().catch(() => []);
    count.reset();
    oldest.reset();
    for (const { definition, state, count: sagasOfIt, oldest: since } of groups) {
      count.set({ definition, state }, sagasOfIt);
      oldest.set({ definition, state }, Math.max(0, (Date.now() - since.getTime()) / 1_000));
    }
  });
}

/** A read model that follows events. */
export interface Following {
  readonly name: string;
  /** How long ago it was complete, at most, seconds. */
  readonly behindSeconds: number;
}

/** Shows how far read models are behind, as their projectors know it: nothing is asked of the store. */
export function watchReadModels(metrics: Metrics, models: readonly Following[]): void {
  const behind = new Gauge({
    name: 'seam_projection_lag_seconds',
    help: 'How long ago the read model was seen complete; about a second where nothing happens',
    labelNames: ['projection'] as const,
    registers: [metrics.registry],
  });
  metrics.beforeRead(() => {
    for (const { name, behindSeconds } of models) behind.set({ projection: name }, behindSeconds);
    return Promise.resolve();
  });
}
