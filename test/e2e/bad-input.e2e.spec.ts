import { connect } from 'node:net';
import { Api } from '../support/api.js';
import { expectProblem, stockOf } from '../support/shop.js';
import { ShopProcess, STAFF } from '../support/shop-process.js';

let shop: ShopProcess & { url: string };
let guest: Api;
let staff: Api;
let customer: Api;

beforeAll(async () => {
  shop = await ShopProcess.start();
  guest = new Api(shop.url);
  staff = await guest.login(STAFF);
  customer = await guest.customer();
});

afterAll(async () => {
  await shop.stop();
});

const payment = { method: 'card', token: 'tok_visa' };
const mug = { sku: 'MUG-BLUE', quantity: 1 };

/** The state that a refused request must not change. */
const everything = async (): Promise<unknown> => ({
  stock: await stockOf(staff, 'MUG-BLUE'),
  orders: (await customer.get('/api/orders')).body,
  summary: (await staff.get('/api/analytics/summary')).body,
});

test.each<[string, unknown, number, string]>([
  ['an unknown field', { items: [mug], payment, total: 1 }, 400, 'REQUEST.INVALID'],
  ['an unknown field in a line', { items: [{ ...mug, unitPrice: 1 }], payment }, 400, 'REQUEST.INVALID'],
  ['a status of the customer’s own', { items: [mug], payment, status: 'confirmed' }, 400, 'REQUEST.INVALID'],
  ['no items', { items: [], payment }, 400, 'REQUEST.INVALID'],
  ['no payment', { items: [mug] }, 400, 'REQUEST.INVALID'],
  ['a negative quantity', { items: [{ ...mug, quantity: -1 }], payment }, 400, 'REQUEST.INVALID'],
  ['a quantity of zero', { items: [{ ...mug, quantity: 0 }], payment }, 400, 'REQUEST.INVALID'],
  ['a fraction', { items: [{ ...mug, quantity: 1.5 }], payment }, 400, 'REQUEST.INVALID'],
  ['a huge quantity', { items: [{ ...mug, quantity: 1e15 }], payment }, 400, 'REQUEST.INVALID'],
  ['a number as a text', { items: [{ ...mug, quantity: '1' }], payment }, 400, 'REQUEST.INVALID'],
  ['an operator instead of a text', { items: [{ sku: { $ne: null }, quantity: 1 }], payment }, 400, 'REQUEST.INVALID'],
  ['200 lines', { items: Array(200).fill(mug), payment }, 400, 'REQUEST.INVALID'],
  ['an unknown SKU', { items: [{ sku: 'NO-SUCH-THING', quantity: 1 }], payment }, 422, 'ORDER.UNKNOWN_SKU'],
  ['broken JSON', '{"items": [', 400, 'REQUEST.MALFORMED_JSON'],
  [
    'a body of 2 MB',
    JSON.stringify({ items: [mug], payment, pad: 'x'.repeat(2_000_000) }),
    413,
    'REQUEST.BODY_TOO_LARGE',
  ],
])('an order with %s is refused, and nothing changes', async (_, body, status, code) => {
  const before = await everything();
  expectProblem(await customer.post('/api/orders', body), status, code);
  expect(await everything()).toEqual(before);
});

test.each([
  ['no token', undefined, 'AUTH.TOKEN_MISSING'],
  ['a token of nonsense', 'nonsense', 'AUTH.TOKEN_INVALID'],
  ['an unsigned token', `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`, 'AUTH.TOKEN_INVALID'],
])('%s gets 401', async (_, accessToken, code) => {
  const caller = accessToken === undefined ? guest : guest.as({ accessToken });
  const answer = await caller.post('/api/orders', { items: [mug], payment });
  expectProblem(answer, 401, code);
  expect(answer.headers.get('www-authenticate')).toContain('Bearer');
});

test('a refresh token is not accepted as an access token', async () => {
  const { body } = await guest.post('/api/auth/login', STAFF);
  expectProblem(await guest.as({ accessToken: body.refreshToken }).get('/api/users/me'), 401, 'AUTH.TOKEN_INVALID');
});

test('unknown routes, ids, keys and pages are clear errors', async () => {
  expectProblem(await customer.get('/api/nothing'), 404, 'REQUEST.NOT_FOUND');
  expectProblem(await customer.get('/api/orders/not-an-id'), 404, 'ORDER.NOT_FOUND');
  expectProblem(await customer.get("/api/orders/' or 1=1 --"), 404, 'ORDER.NOT_FOUND');
  expectProblem(await customer.get('/api/orders?limit=101'), 400, 'REQUEST.INVALID');
  expectProblem(await customer.get('/api/orders?limit=0'), 400, 'REQUEST.INVALID');
  expectProblem(await customer.get('/api/orders?cursor=garbage'), 400, 'REQUEST.INVALID');
  expectProblem(await customer.get('/api/orders?sort=price'), 400, 'REQUEST.INVALID');
  expectProblem(await customer.get('/api/orders?status=lost'), 400, 'REQUEST.INVALID');
  expectProblem(await customer.get('/api/products/NO-SUCH-THING'), 404, 'PRODUCT.NOT_FOUND');
  expectProblem(await customer.get('/api/inventory/NO-SUCH-THING'), 404, 'INVENTORY.UNKNOWN_SKU');
  expectProblem(await staff.get('/api/sagas/no-such-saga'), 404, 'SAGA.NOT_FOUND');
  expectProblem(await staff.post('/api/inventory/MUG-BLUE/receipts', { quantity: -5 }), 400, 'REQUEST.INVALID');
  const longKey = await customer.post('/api/orders', { items: [mug], payment }, { 'idempotency-key': 'k'.repeat(256) });
  expectProblem(longKey, 400, 'REQUEST.INVALID');
});

test('nobody registers as staff, twice, or with a weak password', async () => {
  const someone = { email: 'Someone@Example.com', password: 'a-long-enough-password', name: 'Someone' };
  expectProblem(await guest.post('/api/users', { ...someone, role: 'staff' }), 400, 'REQUEST.INVALID');
  expectProblem(await guest.post('/api/users', { ...someone, password: 'short' }), 400, 'REQUEST.INVALID');
  expect((await guest.post('/api/users', someone)).status).toBe(201);
  const again = await guest.post('/api/users', { ...someone, email: 'someone@example.com' });
  expectProblem(again, 409, 'USER.EMAIL_TAKEN');
});

const register = { email: 'texts@example.com', password: 'a-long-enough-password', name: 'Texts' };
const product = { name: 'A thing', description: 'Of text', price: { amount: 100, currency: 'EUR' } };

describe.each([
  ['U+0000', String.raw`\u0000`],
  ['half a surrogate pair', String.raw`\ud800`],
  ['an escape sequence of terminals', String.raw`\u001b[2J`],
])('%s', (_, escaped) => {
  /** A body in which one field's text holds the character, as an escape in the JSON. */
  const spoilt = (body: object): string => JSON.stringify(body).replace('!', escaped);

  test.each<[string, string, string, object]>([
    ['a name', 'POST', '/api/users', { ...register, name: 'a!b' }],
    ['an e-mail address', 'POST', '/api/users', { ...register, email: 'a!b@example.com' }],
    ['a password', 'POST', '/api/users', { ...register, password: 'a-long-enough!password' }],
    ['a log-in', 'POST', '/api/auth/login', { email: 'a!b', password: 'x' }],
    ['a refresh token', 'POST', '/api/auth/refresh', { refreshToken: 'a!b' }],
    ['a log-out', 'POST', '/api/auth/logout', { refreshToken: 'a!b' }],
    ['a payment token', 'POST', '/api/orders', { items: [mug], payment: { method: 'card', token: 'tok_visa!' } }],
    ['a SKU', 'POST', '/api/orders', { items: [{ sku: 'MUG!', quantity: 1 }], payment }],
    ['a product’s name', 'PUT', '/api/products/NEW-THING', { ...product, name: 'a!b' }],
    ['a product’s description', 'PUT', '/api/products/NEW-THING', { ...product, description: 'a!b' }],
    ['a currency', 'PUT', '/api/products/NEW-THING', { ...product, price: { amount: 1, currency: 'EU!' } }],
    ['a tracking number', 'POST', '/api/orders/0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50/shipments', { tracking: 'a!b' }],
    ['an unknown field’s name', 'POST', '/api/orders', { items: [mug], payment, 'a!b': 1 }],
  ])('in %s is refused', async (_field, method, path, body) => {
    expectProblem(await staff.call(method, path, spoilt(body)), 400, 'REQUEST.INVALID');
  });
});

interface Documented {
  readonly parameters?: readonly { readonly name: string }[];
}

test.each(['4111111111111111', '4111 1111 1111 1111', '４１１１１１１１１１１１１１１１|12/29|123'])(
  'a card number in the place of a token is refused, and not repeated: %s',
  async (token) => {
    const answer = await customer.post('/api/orders', { items: [mug], payment: { method: 'card', token } });
    expectProblem(answer, 400, 'REQUEST.INVALID');
    expect(answer.body.errors).toMatchObject([{ path: 'payment.token' }]);
    expect(JSON.stringify(answer.body)).not.toContain(token.slice(0, 4));
  },
);

test.each(['ZZZ', 'XXX', 'DEM'])('%s is not accepted as a currency', async (currency) => {
  const wrong = { ...product, price: { amount: 1, currency } };
  expectProblem(await staff.call('PUT', '/api/products/NO-CURRENCY', JSON.stringify(wrong)), 400, 'REQUEST.INVALID');
});

test('a price above the limit is refused', async () => {
  const wrong = { ...product, price: { amount: Number.MAX_SAFE_INTEGER, currency: 'EUR' } };
  const answer = await staff.call('PUT', '/api/products/TOO-DEAR', JSON.stringify(wrong));
  expectProblem(answer, 422, 'PRODUCT.PRICE_TOO_HIGH');
});

test('U+0000 in a path, a query or a cursor never causes an internal error', async () => {
  const cursor = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString('base64url');
  const at = '2026-01-01T10:00:00.000Z';
  const id = 'a\0b';
  for (const path of [
    '/api/products/%00',
    '/api/products?q=a%00b',
    `/api/products?cursor=${cursor(id)}`,
    '/api/inventory/%00',
    '/api/orders/%00',
    '/api/orders/%00/events',
    `/api/orders?cursor=${cursor({ placedAt: at, id })}`,
    '/api/payments/%00',
    `/api/notifications?cursor=${cursor(id)}`,
    '/api/sagas/%00',
    '/api/sagas?orderId=%00',
    `/api/sagas?cursor=${cursor({ startedAt: at, id })}`,
    '/api/dead-letters?service=%00',
    '/api/dead-letters?reason=%00',
    '/api/dead-letters/groups?type=%00',
    '/api/dead-letters/%00',
    `/api/dead-letters?cursor=${cursor({ diedAt: at, messageId: id, handler: id })}`,
    `/api/dead-letters?cursor=${cursor({ diedAt: at, messageId: '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50', handler: id })}`,
    '/api/analytics/sales?from=%00',
  ]) {
    const { status } = await staff.get(path);
    expect({ path, status }).toEqual({ path, status: status < 500 && status >= 400 ? status : '4xx' });
  }
});

test('a cursor of another list is refused by every list', async () => {
  const { paths } = (await guest.get('/docs-json')).body as { paths: Record<string, { get?: Documented }> };
  const lists = Object.entries(paths).flatMap(([path, { get }]) =>
    get?.parameters?.some(({ name }) => name === 'cursor') === true ? [path] : [],
  );
  expect(lists).toEqual(expect.arrayContaining(['/api/orders', '/api/products', '/api/dead-letters']));
  const id = '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50';
  const keys = ['placedAt', 'startedAt', 'diedAt', 'createdAt', 'updatedAt', 'queuedAt', 'at', 'since'];
  const forged = ['0000-01-01T00:00:00Z', `2026-01-01T00:00:00.${'0'.repeat(500)}Z`].flatMap((time) => [
    time,
    [time, id],
    ...keys.map((key) => ({ [key]: time, id })),
    { diedAt: time, messageId: id, handler: 'orders/x' },
  ]);
  for (const path of lists)
    for (const position of forged) {
      const cursor = Buffer.from(JSON.stringify(position)).toString('base64url');
      const { status, body } = await staff.get(`${path}?cursor=${cursor}`);
      expect({ path, position, status, code: body.code }).toEqual({
        path,
        position,
        status: 400,
        code: 'REQUEST.INVALID',
      });
    }
});

test.each(['__proto__', 'constructor', 'prototype'])('a key named %s has no effect', async (key) => {
  const body = `{"items":[{"sku":"MUG-BLUE","quantity":1,"${key}":{"polluted":true}}],"payment":{"method":"card","token":"tok_visa","${key}":{"polluted":true}},"${key}":{"polluted":true}}`;
  expect((await customer.post('/api/orders', body)).status).toBeLessThan(500);
  const name = `{"email":"proto@example.com","password":"a-long-enough-password","name":{"${key}":"x"}}`;
  expectProblem(await guest.post('/api/users', name), 400, 'REQUEST.INVALID');
  expect((await guest.get(`/api/products?${key}=1`)).status).toBeLessThan(500);
  expect((await guest.get('/health/live')).status).toBe(200);
});

test('a request that is cut off has no effect on others', async () => {
  const { port } = new URL(shop.url);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(
        'POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"items"',
      );
      socket.destroy();
    });
    socket.once('close', () => resolve());
    socket.once('error', reject);
  });
  expect((await guest.get('/health/ready')).status).toBe(200);
});
