import { eventually } from '@seam/testing';
import pg from 'pg';
import { Api } from '../support/api.js';
import { dataDirectory, ShopProcess, STAFF } from '../support/shop-process.js';

const ORDERS = 60_000;
const data = dataDirectory();
const REBUILD = '/api/orders/read-models/rebuild';

async function withOrders<T>(shop: ShopProcess, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: shop.databaseUrl('orders') });
  await client.connect();
  return work(client).finally(() => client.end());
}

const storeOrders = (shop: ShopProcess): Promise<unknown> =>
  withOrders(shop, (client) =>
    client.query(
      `insert into events (stream, version, type, data, at)
       select 'order-' || id, 1, 'order-placed', json_build_object('orderId', id, 'userId', id, 'sagaId', id,
         'lines', '[]'::json, 'total', json_build_object('amount', 100, 'currency', 'EUR'), 'fingerprint', id), now()
       from (select gen_random_uuid()::text as id from generate_series(1, ${ORDERS})) ids`,
    ),
  );

const listed = (shop: ShopProcess): Promise<number> =>
  withOrders(shop, async (client) => (await client.query('select count(*)::int as n from order_list')).rows[0].n);

test('a rebuild whose process is killed is continued after the restart, from where it was', async () => {
  let shop = await ShopProcess.start({ data });
  let staff = await new Api(shop.url).login(STAFF);
  await storeOrders(shop);
  await eventually(async () => expect(await listed(shop)).toBe(ORDERS), { withinMs: 60_000 });

  void staff.post(REBUILD).catch(() => undefined);
  const before = await eventually(
    async () => {
      const { body } = await staff.get(REBUILD);
      expect(body.events).toBeGreaterThan(0);
      return body;
    },
    { withinMs: 30_000 },
  );
  expect(before).toMatchObject({ running: true, readModel: 'order-list', total: ORDERS });
  expect(await shop.stop('SIGKILL')).toBe('SIGKILL');

  shop = await ShopProcess.start({ data });
  staff = await new Api(shop.url).login(STAFF);
  expect(await listed(shop)).toBe(ORDERS);
  const after = (await staff.get(REBUILD)).body;
  expect(after).toMatchObject({ running: true, since: before.since });
  expect(after.events).toBeGreaterThanOrEqual(before.events);
  expect(after.events).toBeLessThan(ORDERS);
  await eventually(async () => expect((await staff.get(REBUILD)).body).toEqual({ running: false }), {
    withinMs: 60_000,
  });
  expect(await listed(shop)).toBe(ORDERS);
  expect((await staff.get('/api/orders?limit=1')).body.items).toHaveLength(1);

  void staff.post(REBUILD).catch(() => undefined);
  await eventually(async () => expect((await staff.call('DELETE', REBUILD)).body).toEqual({ cancelled: true }));
  expect((await staff.get(REBUILD)).body).toEqual({ running: false });
  expect(await listed(shop)).toBe(ORDERS);
  await shop.stop();
}, 300_000);
