import { type Metrics, sharedGauge } from '@seam/process';
import type { SagaFinder } from './saga-finder.js';

/** Shows a service's sagas that have not ended well yet, asked of its store only when somebody reads the metrics. */
export function watchSagas(metrics: Metrics, service: string, sagas: Pick<SagaFinder, 'open'>): void {
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
