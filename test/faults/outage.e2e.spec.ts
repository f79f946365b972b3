import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { Api } from '../support/api.js';
import { allKept } from '../support/checker.js';
import { GroupedShop } from '../support/grouped-shop.js';
import { OrderLoad } from '../support/order-load.js';
import { STAFF } from '../support/shop-process.js';
import { onPostgres } from '../support/stores/postgres-stores.js';

const OUTAGE_MS = 30_000;
/** The number of failed calls, within 5 s on the slowest machine, that opens a breaker. */
const OPENING = 10;
const possible = canStart('rabbitmq') && canStart('consul');
const pause = (ms: number): Promise<void> => new Promise((over) => setTimeout(over, ms));

(possible ? describe : describe.skip)('what is away for 30 s under load', () => {
  let broker: OwnEngine;
  let consul: OwnEngine;
  let shop: GroupedShop;
  let staff: Api;
  let load: OrderLoad;

  const nothingIsLost = (): Promise<unknown> =>
    allKept(() => onPostgres((service) => shop.databaseUrl(service)), load.accepted, 120_000);
  const breakers = async (): Promise<Record<string, string>> => {
    const { targets } = (await staff.get('/api/gateway/targets')).body;
    return Object.fromEntries(targets.map(({ service, breaker }: any) => [service, breaker]));
  };
  /** Orders are confirmed again, soon after the end of an outage. */
  const flows = async (): Promise<void> => {
    const before = load.accepted.length;
    await eventually(() => expect(load.accepted.length).toBeGreaterThan(before + 20), { withinMs: 30_000 });
  };

  beforeAll(async () => {
    [broker, consul] = await Promise.all([ownEngine('rabbitmq'), ownEngine('consul')]);
    shop = await GroupedShop.start({ rabbitmqUrl: broker.url, consulUrl: consul.url, env: { SEAM_LOG: 'error' } });
    await eventually(async () => (staff = await new Api(shop.url).login(STAFF)), { withinMs: 30_000 });
    for (const sku of OrderLoad.skus)
      await eventually(async () =>
        expect((await staff.post(`/api/inventory/${sku}/receipts`, { quantity: 100_000 })).status).toBe(201),
      );
    load = await OrderLoad.start(shop.url);
    await flows();
  }, 180_000);

  afterAll(async () => {
    await load.stop();
    await shop.stop();
    await Promise.all([broker.remove(), consul.remove()]);
  }, 60_000);

  it('the broker: orders are accepted meanwhile, and all end', async () => {
    await broker.kill();
    const before = load.accepted.length;
    await pause(OUTAGE_MS);
    expect(load.accepted.length).toBeGreaterThan(before + 50);
    expect((await staff.get('/api/products')).status).toBe(200);
    await broker.start();
    await flows();
    await load.pause();
    await nothingIsLost();
    load.resume();
  }, 300_000);

  it('Consul: no request fails, because the last known instances are used', async () => {
    const failed = load.failed;
    await consul.kill();
    await pause(OUTAGE_MS);
    expect(load.failed).toBe(failed);
    await consul.start();
    await flows();
    await load.pause();
    await nothingIsLost();
    load.resume();
  }, 300_000);

  it.each([['money', 'payments', '/api/payments/x'] as const, ['orders', 'orders', '/api/orders'] as const])(
    'the process of %s: the rest answers, its breaker opens and closes again, and every order ends',
    async (group, service, path) => {
      expect(await shop.end(group, 'SIGKILL')).toBe('SIGKILL');
      const down = Date.now();
      await eventually(async () => {
        const { status, headers, body } = await staff.get(path);
        expect([status, body.status]).toEqual([503, 503]);
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      });
      expect((await staff.get('/api/products')).status).toBe(200);
      await eventually(
        async () => {
          await Promise.all(Array.from({ length: OPENING }, () => staff.get(path)));
          expect((await breakers())[service]).toBe('open');
        },
        { withinMs: OUTAGE_MS },
      );
      await pause(Math.max(0, OUTAGE_MS - (Date.now() - down)));
      await shop.restart(group);
      await eventually(
        async () => {
          await staff.get(path);
          expect((await breakers())[service]).toBe('closed');
        },
        { withinMs: 60_000 },
      );
      await flows();
      await load.pause();
      await nothingIsLost();
      load.resume();
    },
    300_000,
  );
});
