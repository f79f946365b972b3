import { Metrics } from '@seam/process';
import { watchReadModels, watchSetAside } from './read-model-metrics.js';

it('shows how far the read models of two services that share a process are behind', async () => {
  const metrics = new Metrics();
  watchReadModels(metrics, 'orders', [{ name: 'order-list', behindSeconds: 0.5 }]);
  watchReadModels(metrics, 'rooms', [{ name: 'room-view', behindSeconds: 1 }]);
  const shown = await metrics.text();
  expect(shown).toContain('seam_projection_lag_seconds{service="orders",projection="order-list"} 0.5');
  expect(shown).toContain('seam_projection_lag_seconds{service="rooms",projection="room-view"} 1');
});

it('shows what is set aside, and forgets what is not any more', async () => {
  const metrics = new Metrics();
  let known = [{ what: 'order-list', count: 2 }];
  watchSetAside(metrics, 'orders', () => known);
  expect(await metrics.text()).toContain('seam_set_aside{service="orders",what="order-list"} 2');
  known = [];
  expect(await metrics.text()).not.toContain('seam_set_aside{');
});
