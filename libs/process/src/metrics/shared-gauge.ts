import { Gauge } from 'prom-client';
import type { Metrics } from './metrics.js';

/** A gauge of the process: services share it, and each shows its own under its name. */
export function sharedGauge<L extends string>(
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
