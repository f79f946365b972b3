import { eventually } from '@seam/testing';
import { Api } from '../support/api.js';
import { expectProblem, orderIs } from '../support/shop.js';
import { ShopProcess, STAFF } from '../support/shop-process.js';

/** The callers: nobody, the customer who owns the data, another customer, the staff. */
type Who = 'anonymous' | 'owner' | 'other' | 'staff';
/** A refusal by its status, or `in`: the caller may use the route, whatever its result. */
type Answered = 'in' | 401 | 403 | 404;
type Row = Readonly<Record<Who, Answered>> & { readonly body?: object };

const everyone: Row = { anonymous: 'in', owner: 'in', other: 'in', staff: 'in' };
const users: Row = { anonymous: 401, owner: 'in', other: 'in', staff: 'in' };
const owners: Row = { anonymous: 401, owner: 'in', other: 404, staff: 'in' };
const staffOnly: Row = { anonymous: 401, owner: 403, other: 403, staff: 'in' };
const nobody: Row = { anonymous: 401, owner: 401, other: 401, staff: 401 };

const product = { name: 'A thing', price: { amount: 100, currency: 'EUR' } };
const order = { items: [{ sku: 'MUG-RED', quantity: 1 }], payment: { method: 'card', token: 'tok_visa' } };

/** Every route, and the answer to each caller. */
const MATRIX: Readonly<Record<string, Row>> = {
  'POST /api/users': { ...everyone, body: { email: 'x', password: 'x', name: 'x' } },
  'GET /api/users': staffOnly,
  'GET /api/users/me': users,
  'POST /api/auth/login': { ...everyone, body: STAFF },
  'POST /api/auth/refresh': { ...nobody, body: { refreshToken: 'nobody’s' } },
  'POST /api/auth/logout': { ...everyone, body: { refreshToken: 'nobody’s' } },
  'GET /.well-known/jwks.json': everyone,
  'GET /api/products': everyone,
  'GET /api/products/{sku}': everyone,
  'PUT /api/products/{sku}': { ...staffOnly, body: product },
  'GET /api/inventory': staffOnly,
  'GET /api/inventory/{sku}': everyone,
  'POST /api/inventory/{sku}/corrections': { ...staffOnly, body: { quantity: 1, reason: 'Broken' } },
  'POST /api/inventory/{sku}/receipts': { ...staffOnly, body: { quantity: 1 } },
  'POST /api/orders': { ...users, body: order },
  'GET /api/orders': users,
  'GET /api/orders/{id}': owners,
  'GET /api/orders/{id}/events': owners,
  'POST /api/orders/{id}/shipments': { ...staffOnly, body: { tracking: 'JD1' } },
  'POST /api/orders/{id}/cancel': owners,
  'GET /api/payments': staffOnly,
  'GET /api/payments/{orderId}': owners,
  'GET /api/payments/{orderId}/events': staffOnly,
  'POST /api/payments/webhooks/{provider}': { ...nobody, body: { id: 'e', type: 'charge.captured', chargeKey: 'c' } },
  'GET /api/notifications': users,
  'GET /api/analytics/summary': staffOnly,
  'GET /api/analytics/sales': staffOnly,
  'GET /api/sagas': staffOnly,
  'GET /api/sagas/{id}': staffOnly,
  'POST /api/sagas/bulk': staffOnly,
  'POST /api/sagas/{id}/redrive': staffOnly,
  'POST /api/sagas/{id}/{action}': staffOnly,
  'POST /api/sagas/{id}/skip': staffOnly,
  'POST /api/sagas/{id}/restart-from/{step}': staffOnly,
  'POST /api/orders/read-models/rebuild': staffOnly,
  'GET /api/orders/read-models/rebuild': staffOnly,
  'DELETE /api/orders/read-models/rebuild': staffOnly,
  'GET /api/set-aside': staffOnly,
  'POST /api/set-aside/retry': staffOnly,
  'POST /api/set-aside/{id}/retry': { ...staffOnly, staff: 404 },
  'GET /api/messages/outbox': staffOnly,
  'GET /api/dead-letters': staffOnly,
  'GET /api/dead-letters/groups': staffOnly,
  'GET /api/dead-letters/{messageId}': { ...staffOnly, staff: 404 },
  'GET /api/dead-letters/actions': staffOnly,
  'POST /api/dead-letters/{messageId}/redrive': { ...staffOnly, staff: 404, body: { reason: 'tested' } },
  'POST /api/dead-letters/{messageId}/edit': { ...staffOnly, staff: 404, body: { reason: 'tested', data: {} } },
  'POST /api/dead-letters/{messageId}/discard': { ...staffOnly, staff: 404, body: { reason: 'tested' } },
  'GET /health/live': everyone,
  'GET /health/ready': everyone,
  'GET /metrics': everyone,
};

let shop: ShopProcess & { url: string };
let routes: string[];
/** The values for the parameters of each path. */
let given: Record<string, string>;
const callers = {} as Record<Who, Api>;

beforeAll(async () => {
  shop = await ShopProcess.start({ env: { SEAM_WEBHOOK_SECRETS: 'a-secret-of-webhooks' } });
  const anonymous = new Api(shop.url);
  const [owner, other] = [await anonymous.customer(), await anonymous.customer()];
  Object.assign(callers, { anonymous, owner, other, staff: await anonymous.login(STAFF) });
  const placed = await owner.order('tok_visa', [{ sku: 'MUG-BLUE', quantity: 1 }]);
  await orderIs(owner, placed.body.id, 'confirmed');
  const orderId: string = placed.body.id;
  given = { '/api/sagas': placed.body.sagaId, sku: 'MUG-BLUE', provider: 'fake', id: orderId, orderId };
  given['messageId'] = '0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a50';
  const { paths } = (await anonymous.get('/docs-json')).body as { paths: Record<string, object> };
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
});

afterAll(async () => {
  await shop.stop();
});

function request(route: string): { method: string; path: string } {
  const [method = '', template = ''] = route.split(' ');
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = (template.startsWith('/api/sagas') ? given['/api/sagas'] : undefined) ?? given[name];
    if (value === undefined) throw new Error(`${route}: nothing stands for ${name}`);
    return value;
  });
  return { method, path };
}

test('the matrix has every route, and no other', () => {
  expect(routes.sort()).toEqual(Object.keys(MATRIX).sort());
});

const cases = Object.entries(MATRIX).flatMap(([route, row]) =>
  (['anonymous', 'other', 'owner', 'staff'] as const).map((who) => [route, who, row[who], row.body] as const),
);

test.each(cases)('%s by %s: %s', async (route, who, answered, body) => {
  const { method, path } = request(route);
  const answer = await callers[who].call(method, path, body);
  if (answered === 'in') {
    expect([401, 403, 404]).not.toContain(answer.status);
    expect(answer.status).toBeLessThan(500);
    return;
  }
  expectProblem(answer, answered, answer.body.code);
  if (answered === 403) expect(answer.body.code).toBe('AUTH.FORBIDDEN');
});

const readable = Object.entries(MATRIX).flatMap(([route, { staff }]) =>
  route.startsWith('GET /api/') && staff === 'in' ? [route] : [],
);

test.each(readable)('%s has the same answer if it is repeated', async (route) => {
  const { path } = request(route);
  const answer = await callers.staff.get(path);
  expect([answer.headers.get('cache-control'), answer.headers.get('vary')]).toEqual([
    'private, no-cache',
    expect.stringContaining('Authorization'),
  ]);
  // Repeats until two answers are the same, because some show work in progress.
  await eventually(async () => {
    const tag = (await callers.staff.get(path)).headers.get('etag') ?? 'none';
    expect((await callers.staff.call('GET', path, undefined, { 'if-none-match': tag })).status).toBe(304);
  });
});

test('the order of another customer is answered exactly like one that does not exist', async () => {
  const missing = '3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d';
  for (const route of ['GET /api/orders/{id}', 'GET /api/orders/{id}/events', 'POST /api/orders/{id}/cancel']) {
    const { method, path } = request(route);
    const { body: hidden } = await callers.other.call(method, path);
    const { body: absent } = await callers.other.call(method, path.replace(given['id']!, missing));
    const { traceId: _, ...left } = hidden;
    const { traceId: __, ...right } = absent;
    expect(JSON.stringify(left).replaceAll(given['id']!, missing)).toBe(JSON.stringify(right));
  }
});

test('lists show customers only their own data', async () => {
  const ids = async (who: Who, path: string, key: string): Promise<string[]> =>
    (await callers[who].get(path)).body.items.map((item: Record<string, string>) => item[key]);
  expect(await ids('owner', '/api/orders', 'id')).toContain(given['id']);
  expect(await ids('staff', '/api/orders', 'id')).toContain(given['id']);
  expect(await ids('other', '/api/orders', 'id')).not.toContain(given['id']);
  expect(await ids('other', '/api/notifications', 'orderId')).not.toContain(given['id']);
});

test('the messages of every service are documented as AsyncAPI, without a token', async () => {
  const { status, headers, body } = await callers.anonymous.get('/docs/asyncapi.json');
  expect([status, headers.get('content-type'), body.asyncapi]).toEqual([
    200,
    'application/json; charset=utf-8',
    '3.0.0',
  ]);
  expect(Object.keys(body.operations)).toEqual(
    expect.arrayContaining(['orders-send-payments-charge-payment-v1', 'payments-receive-payments-charge-payment-v1']),
  );
});
