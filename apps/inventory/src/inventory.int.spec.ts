import { jest } from '@jest/globals';
import { startProcess, type RunningProcess } from '@seam/host';
import {
  demoShop,
  OrderConfirmed,
  ProductChanged,
  ReleaseStock,
  ReserveStock,
  SaleRefused,
  shop,
} from '@seam/contracts';
import { messageOf } from '@seam/messaging/contract';
import { newId, type OutgoingMessage } from '@seam/kernel';
import { InProcessBroker } from '@seam/messaging';
import { readSettings, type Settings } from '@seam/process';
import { LocalVerificationKeys } from '@seam/security';
import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { testIdentity } from '@seam/security/testing';
import { ExpireReservations } from './features/expire-reservations/expire-reservations.js';
import { inventoryService } from './inventory.definition.js';
import { type InventoryEngine, onPostgres, onRedis } from './testing/inventory-engines.js';

let settings: Settings;
let broker: InProcessBroker;
let running: RunningProcess;
let staff: string;
let customer: string;

const start = async (): Promise<void> => {
  const identity = await testIdentity();
  broker = new InProcessBroker();
  running = await startProcess({ ...shop, services: [{ ...inventoryService, needs: [] }] }, settings, {
    transport: broker,
  });
  running.app.get(LocalVerificationKeys).use(() => Promise.resolve(identity.jwks));
  staff = await identity.tokenFor({ userId: 's1', role: 'staff', email: 's@b.c' });
  customer = await identity.tokenFor({ userId: 'u1', role: 'customer', email: 'u@b.c' });
};

interface Answer {
  status: number;
  body: any;
}

async function call(
  method: string,
  path: string,
  o: { token?: string; body?: unknown; key?: string } = {},
): Promise<Answer> {
  const response = await fetch(`${running.url}${path}`, {
    method,
    headers: {
      ...(o.token === undefined ? {} : { authorization: `Bearer ${o.token}` }),
      ...(o.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(o.key === undefined ? {} : { 'idempotency-key': o.key }),
    },
    ...(o.body === undefined ? {} : { body: JSON.stringify(o.body) }),
  });
  return { status: response.status, body: await response.json() };
}
const view = (sku: string, token?: string): Promise<Answer> =>
  call('GET', `/api/inventory/${sku}`, token === undefined ? {} : { token });
const receive = (
  sku: string,
  quantity: unknown,
  o: { token?: string; key?: string } = { token: staff },
): Promise<Answer> => call('POST', `/api/inventory/${sku}/receipts`, { ...o, body: { quantity } });

/** Resolves when the message's effect is durable. */
const deliver = (message: OutgoingMessage, id = newId()): Promise<void> =>
  broker.publish({ id, source: 'test', at: new Date().toISOString(), ...message });
const product = (sku: string): OutgoingMessage =>
  messageOf(ProductChanged, sku, {
    sku,
    revision: 1,
    name: sku,
    description: '',
    price: { amount: 1, currency: 'EUR' },
    active: true,
  });
const reserve = (orderId: string, sku: string, quantity: number): OutgoingMessage =>
  messageOf(ReserveStock, orderId, { orderId, lines: [{ sku, quantity }] });

const confirm = (orderId: string, id = newId()): Promise<void> => {
  const [total, confirmedAt] = [{ amount: 1, currency: 'EUR' }, new Date().toISOString()];
  return deliver(messageOf(OrderConfirmed, orderId, { orderId, userId: 'u1', total, confirmedAt }), id);
};

const engines: [string, typeof onPostgres][] = [
  ['PostgreSQL', onPostgres],
  ...(engine('redis') ? [['Redis', onRedis] as [string, typeof onRedis]] : []),
];

describe.each(engines)('the service on %s', (_, open) => {
  let store: InventoryEngine;

  beforeAll(async () => {
    store = await open();
    settings = readSettings({ PORT: '0', SEAM_LOG: 'error', ...store.environment });
    await start();
  });

  afterAll(async () => {
    await running.close();
    await store.stop();
  });

  describe('GET /api/inventory/:sku', () => {
    it('shows anyone how many pieces are available', async () => {
      expect(await view('MUG-RED')).toEqual({ status: 200, body: { sku: 'MUG-RED', available: 100 } });
      expect((await view('MUG-RED', customer)).body).toEqual({ sku: 'MUG-RED', available: 100 });
    });

    it('shows the staff all counts', async () => {
      await deliver(reserve('o1', 'TEA-ASSAM', 3));
      expect((await view('TEA-ASSAM', staff)).body).toEqual({
        sku: 'TEA-ASSAM',
        available: 97,
        onHand: 100,
        reserved: 3,
        sold: 0,
      });
    });

    it('counts reserved pieces as on hand, until they are sold', async () => {
      const counts = async (): Promise<number[]> => {
        const { available, onHand, reserved, sold } = (await view('TEA-SENCHA', staff)).body;
        expect(available).toBe(onHand - reserved);
        return [onHand, reserved, sold];
      };
      await deliver(reserve('held', 'TEA-SENCHA', 2));
      expect(await counts()).toEqual([100, 2, 0]);
      await confirm('held');
      expect(await counts()).toEqual([98, 0, 2]);
      await deliver(messageOf(ReleaseStock, 'held', { orderId: 'held' }));
      expect(await counts()).toEqual([100, 0, 0]);
    });

    it.each([
      ['GHOST', 404, 'INVENTORY.UNKNOWN_SKU'],
      ['not-a-sku', 400, 'REQUEST.INVALID'],
    ])('answers %s with %i', async (sku, status, code) => {
      expect(await view(sku)).toMatchObject({ status, body: { code } });
    });
  });

  describe('POST /api/inventory/:sku/receipts', () => {
    it('adds received pieces', async () => {
      expect(await receive('SPOON-OAK', 5)).toEqual({
        status: 201,
        body: { sku: 'SPOON-OAK', available: 105, onHand: 105, reserved: 0, sold: 0 },
      });
    });

    it('adds them once for one key, and repeats its answer', async () => {
      const first = await receive('TOWEL-LINEN', 5, { token: staff, key: 'k1' });
      await receive('TOWEL-LINEN', 1);
      expect(await receive('TOWEL-LINEN', 5, { token: staff, key: 'k1' })).toEqual(first);
      expect((await view('TOWEL-LINEN')).body.available).toBe(106);
    });

    it('refuses a key that was used for something else', async () => {
      await receive('MUG-RED', 1, { token: staff, key: 'k2' });
      const problem = { status: 422, body: { code: 'IDEMPOTENCY.KEY_REUSED' } };
      expect(await receive('MUG-RED', 2, { token: staff, key: 'k2' })).toMatchObject(problem);
      expect(await receive('MUG-BLUE', 1, { token: staff, key: 'k2' })).toMatchObject(problem);
    });

    it.each([0, 1_000_001, 1.5, '5', null])('refuses a quantity of %j', async (quantity) => {
      expect(await receive('MUG-RED', quantity)).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
    });

    it('refuses unknown fields, a bad key and an unknown SKU', async () => {
      const path = '/api/inventory/MUG-RED/receipts';
      expect((await call('POST', path, { token: staff, body: { quantity: 1, price: 2 } })).status).toBe(400);
      expect((await receive('MUG-RED', 1, { token: staff, key: 'x'.repeat(256) })).status).toBe(400);
      expect(await receive('GHOST', 1)).toMatchObject({ status: 404, body: { code: 'INVENTORY.UNKNOWN_SKU' } });
    });

    it('is for staff only', async () => {
      expect((await receive('MUG-RED', 1, {})).status).toBe(401);
      expect((await receive('MUG-RED', 1, { token: customer })).status).toBe(403);
    });
  });

  describe('POST /api/inventory/:sku/corrections', () => {
    const correct = (
      sku: string,
      body: object,
      o: { token?: string; key?: string } = { token: staff },
    ): Promise<Answer> => call('POST', `/api/inventory/${sku}/corrections`, { ...o, body });
    const broken = { quantity: 3, reason: 'Broken on the shelf' };

    it('removes pieces, once for one key', async () => {
      const first = await correct('KETTLE-STEEL', broken, { token: staff, key: 'k3' });
      expect(first).toEqual({
        status: 201,
        body: { sku: 'KETTLE-STEEL', available: 97, onHand: 97, reserved: 0, sold: 0 },
      });
      await receive('KETTLE-STEEL', 1, { token: staff, key: 'k3' });
      expect(await correct('KETTLE-STEEL', broken, { token: staff, key: 'k3' })).toEqual(first);
      expect(await correct('KETTLE-STEEL', { ...broken, reason: 'Lost' }, { token: staff, key: 'k3' })).toMatchObject({
        status: 422,
        body: { code: 'IDEMPOTENCY.KEY_REUSED' },
      });
      expect((await view('KETTLE-STEEL')).body.available).toBe(98);
    });

    it('removes no pieces that orders hold', async () => {
      await deliver(product('HELD-1'));
      await receive('HELD-1', 5);
      await deliver(reserve('holder', 'HELD-1', 3));
      expect(await correct('HELD-1', broken)).toMatchObject({
        status: 409,
        body: {
          code: 'INVENTORY.NOT_ON_HAND',
          detail: expect.stringContaining('2 pieces of HELD-1 are available') as string,
        },
      });
      expect((await correct('HELD-1', { ...broken, quantity: 2 })).body).toMatchObject({ available: 0, reserved: 3 });
    });

    it.each([
      [{ quantity: 1 }],
      [{ quantity: 1, reason: '  ' }],
      [{ quantity: 1, reason: 'a\u0000b' }],
      [{ quantity: 1, reason: 'x'.repeat(201) }],
      [{ quantity: 0, reason: 'x' }],
      [{ quantity: -1, reason: 'x' }],
      [{ quantity: 1, reason: 'x', by: 'me' }],
    ])('refuses %j', async (body) => {
      expect(await correct('MUG-RED', body)).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
    });

    it('is for staff only, and for tracked SKUs', async () => {
      expect((await correct('MUG-RED', broken, {})).status).toBe(401);
      expect((await correct('MUG-RED', broken, { token: customer })).status).toBe(403);
      expect(await correct('GHOST', broken)).toMatchObject({ status: 404, body: { code: 'INVENTORY.UNKNOWN_SKU' } });
    });
  });

  describe('GET /api/inventory', () => {
    const list = (query: string, token = staff): Promise<Answer> => call('GET', `/api/inventory?${query}`, { token });
    const skus = (answer: Answer): string[] => answer.body.items.map(({ sku }: { sku: string }) => sku);

    it('lists the stock for staff, by SKU, page by page', async () => {
      const first = await list('q=tea-&limit=1');
      expect(first.body.items).toEqual([(await view('TEA-ASSAM', staff)).body]);
      const second = await list(`q=tea-&limit=1&cursor=${first.body.nextCursor}`);
      expect([skus(second), second.body.nextCursor]).toEqual([['TEA-SENCHA'], null]);
      const everything = skus(await list('limit=100'));
      expect(everything).toEqual(expect.arrayContaining(demoShop.map(({ sku }) => sku)));
      expect(everything).toEqual([...everything].sort());
    });

    it('finds SKUs with few available pieces', async () => {
      expect(skus(await list('availableAtMost=1&q=LAST'))).toEqual(['LAST-ONE']);
      expect(skus(await list('availableAtMost=0&q=LAST'))).toEqual([]);
    });

    it.each(['limit=0', 'cursor=abc', 'availableAtMost=-1', 'availableAtMost=x', 'q=%00', 'sort=sku'])(
      'refuses ?%s',
      async (query) => {
        expect(await list(query)).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
      },
    );

    it('is for staff only', async () => {
      expect((await call('GET', '/api/inventory')).status).toBe(401);
      expect((await list('', customer)).status).toBe(403);
    });
  });

  describe('a new product', () => {
    it('is tracked with no pieces on hand, and keeps its pieces when it changes', async () => {
      await deliver(product('NEW-1'));
      expect((await view('NEW-1')).body.available).toBe(0);
      await receive('NEW-1', 4);
      await deliver(product('NEW-1'));
      expect((await view('NEW-1')).body.available).toBe(4);
    });
  });

  describe('a reservation whose time is over', () => {
    /** Simulates that the time of all reservations is over. */
    const expireAll = (): Promise<number> => running.app.get(ExpireReservations).expire(new Date(Date.now() + 1_000));

    it('makes its pieces available again', async () => {
      await deliver(reserve('expiring', 'MUG-BLUE', 2));
      expect(await expireAll()).toBeGreaterThan(0);
      expect((await view('MUG-BLUE', staff)).body).toMatchObject({ onHand: 100, reserved: 0 });
    });

    it('is reported as refused, once, if its order is confirmed after the pieces were sold to others', async () => {
      const published = jest.spyOn(broker, 'publish');
      await deliver(product('RARE-1'));
      await receive('RARE-1', 1);
      await deliver(reserve('late', 'RARE-1', 1));
      await expireAll();
      await deliver(reserve('early', 'RARE-1', 1));
      await confirm('early');
      for (const id of ['first', 'second']) await confirm('late', `late-${id}`);
      const refusals = (): unknown[] => published.mock.calls.flat().filter(({ type }) => type === SaleRefused.type);
      await eventually(() =>
        expect(refusals()).toMatchObject([
          { data: { orderId: 'late', code: 'OUT_OF_STOCK', reason: expect.stringMatching(/late .*RARE-1/) as string } },
        ]),
      );
      expect((await view('RARE-1', staff)).body).toMatchObject({ onHand: 0, reserved: 0, sold: 1 });
      await receive('RARE-1', 1);
      await confirm('late');
      expect((await view('RARE-1', staff)).body).toMatchObject({ onHand: 1, reserved: 0, sold: 1 });
      expect((await call('GET', '/api/dead-letters', { token: staff })).body.items).toEqual([]);
    });
  });

  describe('the demo shop', () => {
    it('has its stock after the first start, and gets none at the next', async () => {
      for (const { sku } of demoShop) expect((await view(sku)).status).toBe(200);
      await deliver(reserve('o2', 'LAST-ONE', 1));
      await running.close();
      await start();
      expect((await view('LAST-ONE', staff)).body).toMatchObject({ available: 0, reserved: 1 });
    });
  });

  describe('/docs-json', () => {
    it('describes the routes with their answers', async () => {
      const { body } = await call('GET', '/docs-json');
      const { get } = body.paths['/api/inventory/{sku}'];
      expect(Object.keys(get.responses)).toEqual(['200', '400', '404']);
      const { post } = body.paths['/api/inventory/{sku}/receipts'];
      expect(Object.keys(post.responses)).toEqual(['201', '400', '401', '403', '404', '422']);
      expect(post.requestBody.content['application/json'].schema.properties.quantity.maximum).toBe(1_000_000);
      expect(post.parameters.map((p: { name: string }) => p.name)).toEqual(['sku', 'Idempotency-Key']);
    });
  });
});
