import { Metrics } from './metrics.js';
import { type SagaGroup, watchReadModels, watchSagas } from './watch.js';

it('shows sagas by definition and state, and forgets those that are gone', async () => {
  const metrics = new Metrics();
  const oldest = new Date(Date.now() - 60_000);
  let open: () => Promise<SagaGroup[]> = () =>
    Promise.resolve([{ definition: 'place-order', state: 'parked', count: 2, oldest }]);
  watchSagas(metrics, { open: () => open() });
  expect(await metrics.text()).toContain('seam_sagas{definition="place-order",state="parked"} 2');
  expect(await metrics.text()).toMatch(/seam_saga_oldest_seconds\{definition="place-order",state="parked"\} 60/);
  open = () => Promise.reject(new Error('the store is away'));
  expect(await metrics.text()).not.toContain('seam_sagas{');
});

it('shows how far read models are behind', async () => {
  const metrics = new Metrics();
  watchReadModels(metrics, [{ name: 'order-view', behindSeconds: 0.5 }]);
  expect(await metrics.text()).toContain('seam_projection_lag_seconds{projection="order-view"} 0.5');
});
