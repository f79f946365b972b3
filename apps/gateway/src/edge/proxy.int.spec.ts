import type { RunningProcess } from '@seam/host';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestIdentity } from '@seam/security/testing';
import { type FakeService, fakeService, fakeUsers, startGateway } from '../testing/gateway-rig.js';

let orders: FakeService;
let users: FakeService;
let identity: TestIdentity;
let gateway: RunningProcess;

beforeAll(async () => {
  orders = await fakeService();
  ({ users, identity } = await fakeUsers());
  const refusing = await closedPort();
  gateway = await startGateway(
    { users: [users.url], orders: [orders.url], payments: [`http://127.0.0.1:${refusing}`] },
    { headersMs: 1_500 },
  );
});

afterAll(async () => {
  await gateway.close();
  await Promise.all([orders.stop(), users.stop()]);
});

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function call(path: string, init: RequestInit = {}): Promise<{ status: number; headers: Headers; body: any }> {
  const response = await fetch(`${gateway.url}${path}`, init);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

it('passes on a request and its answer', async () => {
  const { status, body } = await call('/api/orders/1?x=%20y', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
    body: '{"a":1}',
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({ method: 'POST', url: '/api/orders/1?x=%20y', body: '{"a":1}' });
  expect(body.headers).toMatchObject({ 'content-length': '7', 'idempotency-key': 'k' });
});

it('passes on conditional requests, and answers them with 304', async () => {
  const answer = orders.answer;
  orders.answer = (request, response) => {
    const known = request.headers['if-none-match'] === '"1"';
    const headers = { etag: '"1"', 'cache-control': 'private, no-cache', vary: 'Authorization' };
    response.writeHead(known ? 304 : 200, headers).end(known ? undefined : 'whole');
  };
  const whole = await call('/api/orders');
  const known = await call('/api/orders', { headers: { 'if-none-match': '"1"' } });
  expect([whole, known].map(({ status, body }) => [status, body])).toEqual([
    [200, 'whole'],
    [304, ''],
  ]);
  for (const { headers } of [whole, known]) {
    expect(['etag', 'cache-control', 'vary'].map((name) => headers.get(name))).toEqual([
      '"1"',
      'private, no-cache',
      'Authorization',
    ]);
  }
  orders.answer = answer;
});

it('continues the trace of the request, and returns its id', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const { body, headers } = await call('/api/orders', {
    headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  });
  expect(body.headers.traceparent).toContain(traceId);
  expect(headers.get('x-trace-id')).toBe(traceId);
});

it.each([
  ['an unknown prefix', '/api/nothing/1', 404, 'GATEWAY.UNKNOWN_ROUTE'],
  ['a prefix that only begins like a known one', '/api/ordersx', 404, 'GATEWAY.UNKNOWN_ROUTE'],
  ['only /api', '/api', 404, 'GATEWAY.UNKNOWN_ROUTE'],
  ['a service without an instance', '/api/analytics/summary', 503, 'GATEWAY.SERVICE_AWAY'],
  ['a service that refuses connections', '/api/payments/1', 503, 'GATEWAY.SERVICE_AWAY'],
])('answers %s with a problem', async (_, path, status, code) => {
  const answer = await call(path);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
  expect(answer.body.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(answer.headers.get('x-trace-id')).toBe(answer.body.traceId);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
});

it('gives up a call of a slow service', async () => {
  orders.answer = () => undefined;
  expect(await call('/api/orders')).toMatchObject({ status: 504, body: { code: 'GATEWAY.TIMEOUT' } });
});

it('rejects bad tokens at the edge, except on routes where the service ignores tokens', async () => {
  const token = await identity.tokenFor({ userId: 'u1', role: 'customer', email: 'a@b.c' });
  const authorization = `Bearer ${token}`;
  const forged = { headers: { authorization: `Bearer ${token}x` } };
  expect((await call('/api/users/me', { headers: { authorization } })).body.headers.authorization).toBe(authorization);
  const refused = await call('/api/users/me', forged);
  expect([refused.status, refused.body.code]).toEqual([401, 'AUTH.TOKEN_INVALID']);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  expect((await call('/api/auth/login', { ...forged, method: 'POST' })).status).toBe(200);
});

it('passes on the allowed methods of a service’s route, and returns those of its own routes', async () => {
  users.answer = (_, response) => void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  const [theirs, own] = [await call('/api/users/me', { method: 'PUT' }), await call('/docs', { method: 'PUT' })];
  expect([theirs.status, theirs.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect([own.status, own.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

it('leaves all other paths to the application', async () => {
  expect((await call('/health/live')).body).toEqual({ status: 'ok' });
  const page = await call('/', { headers: { accept: 'text/html' } });
  expect([page.status, page.body]).toEqual([200, expect.stringContaining('href="docs"')]);
  expect(await call('/')).toMatchObject({ status: 404, body: { code: 'REQUEST.NOT_FOUND' } });
  expect(await call('/nowhere')).toMatchObject({ status: 404, body: { code: 'REQUEST.NOT_FOUND' } });
  expect((await call('/metrics')).body).toMatch(/http_request_duration_seconds_count\{.*route="\/api\/orders\/\*"/);
});
