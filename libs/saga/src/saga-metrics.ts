import { type Metrics, sharedGauge } from '@seam/process';
import type { SagaFinder } from './saga-finder.js';

/**
 * Metrics of a service's sagas that have not ended or are parked. The store is queried only when the metrics are read.
 */
export function watchSagas(metrics: Metrics, service: string, sagas: Pick<SagaFinder, 'open'>): void {
  const labels = ['service', 'definition', 'state'] as const;
  const count = sharedGauge(
    metrics,
    'seam_sagas',
    'Number of sagas that are running, compensating, parked or paused',
    labels,
  );
  const oldest = sharedGauge(metrics, 'seam_saga_oldest_seconds', 'Age of the oldest of these sagas', labels);
  let shown: Record<(typeof labels)[number], string>[] = [];
  metrics.beforeRead(async () => {
    // If the store does not answer, readiness reports that.
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
