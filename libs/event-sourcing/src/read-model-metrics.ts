import { type Metrics, sharedGauge } from '@seam/process';
import type { ProjectorLoop } from './projector-loop.js';
import type { SetAsideCount } from './set-asides.js';

type Following = Pick<ProjectorLoop, 'name' | 'behindSeconds'>;

/** Metrics of the lag of a service's read models, from the memory of their projectors, without a query. */
export function watchReadModels(metrics: Metrics, service: string, models: readonly Following[]): void {
  const help = 'Age of the oldest event that is not applied; if there is none, time since that was checked';
  const behind = sharedGauge(metrics, 'seam_projection_lag_seconds', help, ['service', 'projection']);
  metrics.beforeRead(() => {
    for (const { name, behindSeconds } of models) behind.set({ service, projection: name }, behindSeconds);
    return Promise.resolve();
  });
}

type LeftAside = Pick<SetAsideCount, 'what' | 'count'>;

/** Metrics of a service's set-aside entries, from memory, without a query. */
export function watchSetAside(metrics: Metrics, service: string, known: () => readonly LeftAside[]): void {
  const help = 'Streams set aside because a read model, or the saga timers, could not process them';
  const aside = sharedGauge(metrics, 'seam_set_aside', help, ['service', 'what']);
  let shown: readonly LeftAside[] = [];
  metrics.beforeRead(() => {
    for (const { what } of shown) aside.remove({ service, what });
    shown = known();
    for (const { what, count } of shown) aside.set({ service, what }, count);
    return Promise.resolve();
  });
}
