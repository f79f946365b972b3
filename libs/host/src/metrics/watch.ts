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

/** Of the process: services share it, and each shows its own under its name. */
function sharedGauge<L extends string>(
  metrics: Metrics,
  name: string,
  help: string,
  labelNames: readonly L[],
): Gauge<L> {
  const registers = [metrics.registry];
  return (
    (metrics.registry.getSingleMetric(name) as Gauge<L> | undefined) ?? new Gauge({ name, help, labelNames, registers })
  );
}

/** Shows a service's sagas that have not ended well yet, asked of its store only when somebody reads the metrics. */
export function watchSagas(metrics: Metrics, service: string, sagas: { open(): Promise<readonly SagaGroup[]> }): void {
  const labels = ['service', 'definition', 'state'] as const;
  const count = sharedGauge(metrics, 'seam_sagas', 'Sagas that run, compensate or are parked', labels);
  const oldest = sharedGauge(metrics, 'seam_saga_oldest_seconds', 'How long ago the oldest of them was begun', labels);
  let shown: Record<(typeof labels)[number], string>[] = [];
  metrics.beforeRead(async () => {
    // A store that does not answer is readiness' to tell.
    const groups = await sagas.open().catch(() => []);
    for (const gauge of [count, oldest]) for (const of of shown) gauge.remove(of);
    shown = [];
    for (const { definition, state, count: sagasOfIt, oldest: since } of groups) {
      const of = { service, definition, state };
      shown.push(of);
      count.set(of, sagasOfIt);
      oldest.set(of, Math.max(0, (Date.now() - since.getTime()) / 1_000));
    }
  });
}

/** A read model that follows events. */
export interface Following {
  readonly name: string;
  /** How old its oldest event is that is not applied; where there is none, how long ago that was seen. Seconds. */
  readonly behindSeconds: number;
}

/** Shows how far a service's read models are behind, as their projectors know it: nothing is asked of the store. */
export function watchReadModels(metrics: Metrics, service: string, models: readonly Following[]): void {
  const help = 'How old the oldest event is that is not applied; where there is none, how long ago that was seen';
  const behind = sharedGauge(metrics, 'seam_projection_lag_seconds', help, ['service', 'projection']);
  metrics.beforeRead(() => {
    for (const { name, behindSeconds } of models) behind.set({ service, projection: name }, behindSeconds);
    return Promise.resolve();
  });
}

/** What something could not go on with. */
export interface LeftAside {
  readonly what: string;
  readonly count: number;
}

/** Shows what a service has set aside, as it is known: nothing is asked of the store. */
export function watchSetAside(metrics: Metrics, service: string, known: () => readonly LeftAside[]): void {
  const help = 'Streams set aside because a read model, or the time limits of sagas, cannot go on with them';
  const aside = sharedGauge(metrics, 'seam_set_aside', help, ['service', 'what']);
  let shown: readonly LeftAside[] = [];
  metrics.beforeRead(() => {
    for (const { what } of shown) aside.remove({ service, what });
    shown = known();
    for (const { what, count } of shown) aside.set({ service, what }, count);
    return Promise.resolve();
  });
}
