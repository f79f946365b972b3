import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { orderFlows } from '../flows/orders.flow.js';
import { ShopProcess } from '../support/shop-process.js';

/** The settings that select an engine other than PostgreSQL for a service. */
const SETTINGS = { mongodb: 'MONGODB_URL', redis: 'REDIS_URL', clickhouse: 'CLICKHOUSE_URL' } as const;
type StoreEngine = keyof typeof SETTINGS;

const here = (Object.keys(SETTINGS) as StoreEngine[]).filter((name) => canStart(name));

if (here.length === 0) {
  test.skip('one process over engines of its services’ own: there are none here', () => undefined);
} else {
  orderFlows(`one process over ${here.join(', ')}`, async () => {
    // Servers of its own: a service's database has one name, and other tests may run a shop on the shared servers.
    const engines: OwnEngine[] = await Promise.all(here.map((name) => ownEngine(name)));
    const env = Object.fromEntries(here.map((name, index) => [SETTINGS[name], engines[index]!.url]));
    const shop = await ShopProcess.start({ env });
    return {
      url: shop.url,
      stop: async () => {
        expect(await shop.stop()).toBe(0);
        // A warning of Node or a driver.
        expect(shop.output).not.toMatch(/warning/i);
        await Promise.all(engines.map((engine) => engine.remove()));
      },
    };
  });
}
