import type { RunningProcess } from '@seam/host';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { everythingAt, type FakeService, fakeService, fakeUsers, startGateway } from '../../testing/gateway-rig.js';

let users: FakeService;
let services: Record<'orders' | 'payments', FakeService>;
let gateway: RunningProcess;
let staff: string;
let customer: string;

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** Each service's sagas, as a process that hosts both services has them. */
const sagas = [1, 2, 3, 4, 5, 6, 7].map((n) => ({
  id: `0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a5${n}`,
  service: n % 3 === 0 ? 'payments' : 'orders',
  // Two of them in each second.
  startedAt: `2026-11-22T09:30:0${Math.floor(n / 2)}.000Z`,
}));
const latest = [...sagas].reverse();

interface Position {
  readonly startedAt: string;
  readonly id: string;
}

function listing(request: IncomingMessage, response: ServerResponse): void {
  const query = new URL(request.url ?? '', 'http://x').searchParams;
  const [limit, cursor, service] = [Number(query.get('limit')), query.get('cursor'), query.get('service')];
  const before = cursor === null ? undefined : (JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Position);
  const left = latest.filter(
    ({ startedAt, id, ...saga }) =>
      saga.service === service &&
      (before === undefined || startedAt < before.startedAt || (startedAt === before.startedAt && id < before.id)),
  );
  json(response, 200, {
    items: left.slice(0, limit),
    nextCursor: left.length > limit ? 'more' : null,
    unavailable: [],
  });
}

beforeEach(async () => {
  const made = await fakeUsers();
  users = made.users;
  staff = await made.identity.tokenFor({ userId: 's1', role: 'staff', email: 's@b.c' });
  customer = await made.identity.tokenFor({ userId: 'u1', role: 'customer', email: 'a@b.c' });
  services = { orders: await fakeService(listing), payments: await fakeService(listing) };
  const peers = everythingAt(users.url, { orders: [services.orders.url], payments: [services.payments.url] });
  gateway = await startGateway({ ...peers, analytics: [] }, {}, {}, ['orders', 'payments']);
});

afterEach(async () => {
  await gateway.close();
  await Promise.all([users, ...Object.values(services)].map((one) => one.stop()));
});

async function call(
  path: string,
  method = 'GET',
  body?: object,
  token = staff,
): Promise<{ status: number; body: any }> {
  const response = await fetch(`${gateway.url}/api/sagas${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

describe('the sagas of all services', () => {
  it.each([1, 2, 3, 7])('are merged latest first, in pages of %s, each saga once', async (limit) => {
    const seen: unknown[] = [];
    for (let cursor = ''; ;) {
      const { status, body } = await call(`?limit=${limit}${cursor}`);
      expect([status, body.unavailable]).toEqual([200, []]);
      seen.push(...body.items);
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual(latest);
  });

  it('are asked for with the whole query, each service for its own', async () => {
    const asked: (string | undefined)[] = [];
    services.orders.answer = (request, response) => {
      asked.push(request.url, request.headers.authorization);
      listing(request, response);
    };
    await call('?state=parked&step=a%26b&service=orders');
    expect(asked).toEqual(['/api/sagas?limit=20&state=parked&step=a%26b&service=orders', `Bearer ${staff}`]);
    expect(await call('?service=nobody')).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
    expect((await call('', 'GET', undefined, customer)).status).toBe(403);
  });

  it('pass on why a service refuses the query', async () => {
    const errors = [{ path: 'step', message: 'is wrong' }];
    services.payments.answer = (_, response) => json(response, 400, { code: 'REQUEST.INVALID', detail: 'no', errors });
    expect(await call('?step=')).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID', errors } });
  });

  it('are those of the services that answer, with the names of the others; none if no service answers', async () => {
    const away = { service: 'shelf', code: 'STORE.UNAVAILABLE', reason: 'no answer' };
    services.orders.answer = (_, response) => json(response, 200, { items: [], nextCursor: null, unavailable: [away] });
    services.payments.answer = (_, response) => json(response, 503, { code: 'SERVICE.OVERLOADED', detail: 'busy' });
    expect(await call('')).toMatchObject({
      status: 200,
      body: { items: [], unavailable: [{ service: 'payments', code: 'SERVICE.OVERLOADED' }, away] },
    });
    services.orders.answer = services.payments.answer;
    expect((await call('')).status).toBe(503);
  });
});

it('the routes are documented by the services that run sagas', async () => {
  const document = (path: string): object => ({ openapi: '3.0.0', paths: { [path]: { get: { responses: {} } } } });
  services.orders.answer = (_, response) => json(response, 200, document('/api/sagas/{id}'));
  services.payments.answer = (_, response) => json(response, 200, document('/api/sagas/{id}/stolen'));
  const { paths } = (await (await fetch(`${gateway.url}/docs-json`)).json()) as { paths: object };
  expect(Object.keys(paths).filter((path) => path.startsWith('/api/sagas'))).toEqual(['/api/sagas/{id}']);
});

it('in bulk, the sagas of one service at a time are acted on', async () => {
  const filter = { state: 'parked' };
  expect(await call('/bulk', 'POST', { filter, action: 'retry' })).toMatchObject({
    status: 422,
    body: { code: 'SAGA.SERVICE_REQUIRED' },
  });
  const answer = { matching: 2, acted: 0 };
  services.payments.answer = (request, response) => json(response, 200, { ...answer, url: request.url });
  expect(await call('/bulk', 'POST', { filter: { ...filter, service: 'payments' }, action: 'retry' })).toEqual({
    status: 200,
    body: { ...answer, url: '/api/sagas/bulk' },
  });
});

describe('one saga', () => {
  const none = (_: unknown, response: ServerResponse): void => json(response, 404, { code: 'SAGA.NOT_FOUND' });

  it('is found, and acted on, in the service that has it', async () => {
    services.orders.answer = none;
    const got: unknown[] = [];
    services.payments.answer = (request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        got.push(request.method, request.url, text);
        json(response, request.method === 'POST' ? 202 : 200, { id: 'x' });
      });
    };
    expect(await call('/X')).toEqual({ status: 200, body: { id: 'x' } });
    expect(await call('/x/retry', 'POST', { reason: 'why' })).toEqual({ status: 202, body: { id: 'x' } });
    expect(await call('/x/restart-from/a%20b', 'POST', { reason: 'why' })).toMatchObject({ status: 202 });
    expect((await call('/x/redrive', 'POST')).status).toBe(202);
    expect(got).toEqual([
      ...['GET', '/api/sagas/X', ''],
      ...['POST', '/api/sagas/x/retry', '{"reason":"why"}'],
      ...['POST', '/api/sagas/x/restart-from/a%20b', '{"reason":"why"}'],
      ...['POST', '/api/sagas/x/redrive', ''],
    ]);
  });

  it('is refused with the service’s reason, and is 503 if it may be in a service that does not answer', async () => {
    services.orders.answer = none;
    services.payments.answer = (_, response) => json(response, 409, { code: 'SAGA.NOT_PARKED', detail: 'it runs' });
    expect(await call('/x/retry', 'POST', { reason: 'why' })).toMatchObject({
      status: 409,
      body: { code: 'SAGA.NOT_PARKED' },
    });
    services.payments.answer = none;
    expect(await call('/x')).toMatchObject({ status: 404, body: { code: 'SAGA.NOT_FOUND' } });
    services.payments.answer = (_, response) => json(response, 503, { code: 'SERVICE.OVERLOADED', detail: 'busy' });
    expect(await call('/x')).toMatchObject({ status: 503 });
  });
});
