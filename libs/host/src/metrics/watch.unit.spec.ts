import { Metrics } from './metrics.js';
import { type SagaGroup, watchReadModels, watchSagas, watchSetAside } from './watch.js';

it('shows sagas by definition and state, and forgets those that are gone', async () => {
  const metrics = new Metrics();
  const oldest = new Date(Date.now() - 60_000);
  let open: () => Promise<SagaGroup[]> = () =>
    Promise.resolve([{ definition: 'place-order', state: 'parked', count: 2, oldest }]);
  watchSagas(metrics, 'orders', { open: () => open() });
  expect(await metrics.text()).toContain('seam_sagas{service="orders",definition="place-order",state="parked"} 2');
  expect(await metrics.text()).toMatch(
    /seam_saga_oldest_seconds\{service="orders",definition="place-order",state="parked"\} 60/,
  );
  open = () => Promise.reject(new Error('the store is away'));
  expect(await metrics.text()).not.toContain('seam_sagas{');
});

it('shows how far read models are behind', async () => {
  const metrics = new Metrics();
  watchReadModels(metrics, 'orders', [{ name: 'order-view', behindSeconds: 0.5 }]);
  expect(await metrics.text()).toContain('seam_projection_lag_seconds{service="orders",projection="order-view"} 0.5');
});

it('shows those of two services that share a process beside each other', async () => {
  const metrics = new Metrics();
  const groups = (count: number) => ({
    open: () => Promise.resolve([{ definition: 'book', state: 'running', count, oldest: new Date() }]),
  });
  for (const [count, service] of ['orders', 'rooms'].entries()) {
    watchSagas(metrics, service, groups(count + 1));
    watchReadModels(metrics, service, [{ name: 'saga-list', behindSeconds: count }]);
  }
  const shown = await metrics.text();
  expect(shown).toContain('seam_sagas{service="orders",definition="book",state="running"} 1');
  expect(shown).toContain('seam_sagas{service="rooms",definition="book",state="running"} 2');
  expect(shown).toContain('seam_projection_lag_seconds{service="orders",projection="saga-list"} 0');
  expect(shown).toContain('seam_projection_lag_seconds{service="rooms",projection="saga-list"} 1');
});

it('shows what is set aside, and forgets what is not any more', async () => {
  const metrics = new Metrics();
  let known = [{ what: 'order-view', count: 2 }];
  watchSetAside(metrics, 'orders', () => known);
  expect(await metrics.text()).toContain('seam_set_aside{service="orders",what="order-view"} 2');
  known = [];
  expect(await metrics.text()).not.toContain('seam_set_aside{');
});
