import { everythingIn } from '@seam/persistence/testing';
import { eventually } from '@seam/testing';
import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { Api } from '../support/api.js';
import { orderIs, sagaEnds } from '../support/shop.js';
import { ShopProcess, STAFF } from '../support/shop-process.js';

const engines = ['postgres', ...(canStart('mongodb') ? (['mongodb'] as const) : [])] as const;
const SERVICES = ['users', 'products', 'orders', 'inventory', 'payments', 'notifications', 'analytics'];
const items = [{ sku: 'MUG-RED', quantity: 1 }];

describe.each(engines)('the token of a card, with the orders on %s', (name) => {
  let engine: OwnEngine | undefined;
  let shop: ShopProcess & { url: string };

  beforeAll(async () => {
    if (name === 'mongodb') engine = await ownEngine(name);
    shop = await ShopProcess.start({ env: { MONGODB_URL: engine?.url ?? '', SEAM_LOG: 'debug' } });
  });
  afterAll(async () => {
    await shop.stop();
    await engine?.remove();
  });

  /** All stored data of all services, except for the ledger of the fake provider, which represents another company's. */
  async function stored(): Promise<string[]> {
    const urls = SERVICES.map((service) => shop.databaseUrl(service)).filter(
      (url) => engine === undefined || !url.endsWith('seam_orders'),
    );
    if (engine !== undefined) urls.push(new URL('/seam_orders', engine.url).href);
    const tables = (await Promise.all(urls.map(everythingIn))).flatMap((database) => [...database]);
    return tables
      .filter(([table]) => !table.startsWith('fake_provider.'))
      .flatMap(([table, rows]) => rows.map((row) => `${table}: ${row}`));
  }

  it('is in no table of any service and in no log, after its order was confirmed, refused or cancelled, or while it is parked', async () => {
    const guest = new Api(shop.url);
    const [customer, staff] = [await guest.customer(), await guest.login(STAFF)];
    const order = async (token: string): Promise<string> => {
      const { status, body } = await customer.order(token, items);
      expect(status).toBe(202);
      return body.id as string;
    };
    const ids = [await order('tok_visa'), await order('tok_declined'), await order('tok_flaky')];
    const [confirmed = '', refused = '', cancelled = ''] = ids;
    await orderIs(customer, confirmed, 'confirmed');
    await orderIs(customer, refused, 'cancelled');
    await orderIs(customer, cancelled, 'confirmed');
    expect((await customer.post(`/api/orders/${cancelled}/cancel`)).status).toBe(202);
    await orderIs(customer, cancelled, 'cancelled');
    const hanging = await order('tok_down');
    await eventually(async () => expect((await customer.get(`/api/payments/${hanging}`)).status).toBe(200));
    for (const id of ids)
      for (const saga of (await staff.get(`/api/sagas?orderId=${id}`)).body.items) await sagaEnds(staff, saga.id);

    const rows = await stored();
    for (const id of [...ids, hanging]) expect(rows.filter((row) => row.includes(id)).length).toBeGreaterThan(2);
    expect(rows.filter((row) => /tok_(visa|declined|flaky|down)/.test(row))).toEqual([]);
    expect(shop.output).not.toMatch(/tok_(visa|declined|flaky|down)/);
  });
});
