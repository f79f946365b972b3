import { setTimeout as pause } from 'node:timers/promises';
import { startTestServer } from '@seam/persistence/testing';
import { eventually } from '@seam/testing';
import { canStart, engine, ownEngine } from '@seam/testing/engines';
import { Api } from '../support/api.js';
import { allKept } from '../support/checker.js';
import { ShopProcess, STAFF } from '../support/shop-process.js';
import { onMongo } from '../support/stores/mongo-orders.js';
import { onPostgres } from '../support/stores/postgres-stores.js';
import type { Stores } from '../support/stores/stores.js';
import { freshVhost } from '../support/vhost.js';

/** To each of the two processes. */
const ORDERS = 250;
/** The lease of messages that a process is sending, ms. */
const LEASE_MS = 30_000;
/** What a continued process still holds is handled within this time, ms. */
const STALE_WORK_MS = 10_000;
const TOKENS = ['tok_visa', 'tok_visa', 'tok_visa', 'tok_declined'];
const SKUS = ['MUG-BLUE', 'MUG-RED', 'TEA-ASSAM', 'TEA-SENCHA'];

const rabbitmq = engine('rabbitmq');
const engines = ['PostgreSQL', ...(canStart('mongodb') ? ['MongoDB'] : [])];

/** Places orders at once; resolves with their ids when all are accepted. */
async function place(url: string): Promise<string[]> {
  const customer = await new Api(url).customer();
  return Promise.all(
    Array.from({ length: ORDERS }, async (_, n) => {
      const items = [{ sku: SKUS[n % SKUS.length]!, quantity: 1 }];
      const { status, body } = await customer.order(TOKENS[n % TOKENS.length]!, items);
      expect({ status, body }).toMatchObject({ status: 202 });
      return body.id as string;
    }),
  );
}

/** Every effect of the sagas, as the services' tables count them, and every step that a saga has recorded. */
async function effects({ orders, payments, inventory, analytics }: Stores): Promise<object> {
  const [steps, sagas, charges, levels, sales] = await Promise.all([
    orders.stepsDone(),
    orders.sagas(),
    payments.charges(),
    inventory.levels(),
    analytics.sales(),
  ]);
  const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
  return {
    steps: [...steps].sort(),
    ...{ sagas: sorted(sagas), charges: sorted(charges), levels: sorted(levels), sales },
  };
}

if (rabbitmq === undefined) {
  test.skip('a process that is frozen for longer than its leases: there is no RabbitMQ here', () => undefined);
} else {
  test.each(engines)(
    `${2 * ORDERS} sagas on %s in two processes, one frozen for twice its lease: all end once, no step is done twice`,
    async (name) => {
      const server = await startTestServer();
      const mongo = name === 'MongoDB' ? await ownEngine('mongodb') : undefined;
      const postgres = onPostgres((service) => server.url(`seam_${service}`));
      const stores = mongo === undefined ? postgres : { ...postgres, orders: onMongo(mongo.url) };
      const env = {
        DATABASE_URL: server.url('postgres'),
        RABBITMQ_URL: await freshVhost(rabbitmq),
        SEAM_OVERLOAD_MS: '0',
        ...(mongo === undefined ? {} : { MONGODB_URL: mongo.url }),
      };
      const started: ShopProcess[] = [];
      const start = async (): Promise<ShopProcess & { readonly url: string }> => {
        const shop = ShopProcess.spawn({ env });
        started.push(shop);
        return Object.assign(shop, { url: await shop.ready() });
      };
      try {
        const healthy = await start();
        const frozen = await start();
        const staff = await new Api(healthy.url).login(STAFF);
        for (const sku of SKUS) await staff.post(`/api/inventory/${sku}/receipts`, { quantity: 10_000 });

        const others = place(healthy.url);
        const own = await place(frozen.url);
        process.kill(frozen.pid, 'SIGSTOP');
        const since = Date.now();
        const accepted = [...own, ...(await others)];
        const open = (await stores.orders.orders()).filter(({ status }) => status === 'pending');
        expect(open.length).toBeGreaterThan(0);

        // The other process takes over all of it, once the leases have ended.
        await allKept(() => stores, accepted, 120_000);
        // What is reserved is sold after the sagas have ended.
        await eventually(
          async () => expect((await stores.inventory.levels()).filter(({ reserved }) => reserved > 0)).toEqual([]),
          { withinMs: 120_000 },
        );
        await pause(Math.max(0, since + 2 * LEASE_MS - Date.now()));
        const before = await effects(stores);
        process.kill(frozen.pid, 'SIGCONT');
        await pause(STALE_WORK_MS);
        expect((await fetch(`${frozen.url}/health/live`)).status).toBe(200);
        await allKept(() => stores, accepted, 30_000);
        expect(await effects(stores)).toEqual(before);

        const steps = await stores.orders.stepsDone();
        expect(steps.length).toBeGreaterThan(accepted.length);
        expect(steps.filter((step, n) => steps.indexOf(step) !== n)).toEqual([]);
        expect(await stores.orders.sagas()).toHaveLength(accepted.length);
      } finally {
        await Promise.all(started.map((shop) => shop.stop('SIGKILL')));
        await server.stop();
        await mongo?.remove();
      }
    },
    420_000,
  );
}
