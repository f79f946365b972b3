import { Metrics } from '@seam/process';
import { watchReadModels, watchSetAside } from './read-model-metrics.js';

it('shows the lag of the read models of two services of one process', async () => {
  const metrics = new Metrics();
  watchReadModels(metrics, 'orders', [{ name: 'order-list', behindSeconds: 0.5 }]);
  watchReadModels(metrics, 'rooms', [{ name: 'room-view', behindSeconds: 1 }]);
  const shown = await metrics.text();
  expect(shown).toContain('seam_projection_lag_seconds{service="orders",projection="order-list"} 0.5');
  expect(shown).toContain('seam_projection_lag_seconds{service="rooms",projection="room-view"} 1');
});

it('shows set-aside entries, and removes those that are gone', async () => {
  const metrics = new Metrics();
  let known = [{ what: 'order-list', count: 2 }];
  watchSetAside(metrics, 'orders', () => known);
  expect(await metrics.text()).toContain('seam_set_aside{service="orders",what="order-list"} 2');
  known = [];
  expect(await metrics.text()).not.toContain('seam_set_aside{');
});
