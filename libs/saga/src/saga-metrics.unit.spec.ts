import { Metrics } from '@seam/process';
import type { SagaGroup } from './saga-finder.js';
import { watchSagas } from './saga-metrics.js';

it('shows sagas by definition and state, and removes groups that no longer exist', async () => {
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

it('shows the sagas of two services of one process separately', async () => {
  const metrics = new Metrics();
  for (const [index, service] of ['orders', 'rooms'].entries()) {
    const group: SagaGroup = { definition: 'book', state: 'running', count: index + 1, oldest: new Date() };
    watchSagas(metrics, service, { open: () => Promise.resolve([group]) });
  }
  const shown = await metrics.text();
  expect(shown).toContain('seam_sagas{service="orders",definition="book",state="running"} 1');
  expect(shown).toContain('seam_sagas{service="rooms",definition="book",state="running"} 2');
});
