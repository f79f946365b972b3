import type { RunningProcess } from '@seam/host';
import type { ServerResponse } from 'node:http';
import { everythingAt, type FakeService, fakeService, fakeUsers, startGateway } from '../testing/gateway-rig.js';

const ID = '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50';

let users: FakeService;
let services: Record<'orders' | 'payments' | 'notifications', FakeService>;
let gateway: RunningProcess;
let customer: string;
let staff: string;

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

beforeEach(async () => {
  const made = await fakeUsers();
  users = made.users;
  customer = await made.identity.tokenFor({ userId: 'u1', role: 'customer', email: 'a@b.c' });
  staff = await made.identity.tokenFor({ userId: 's1', role: 'staff', email: 's@b.c' });
  services = { orders: await fakeService(), payments: await fakeService(), notifications: await fakeService() };
  const { orders, payments, notifications } = services;
  gateway = await startGateway(
    everythingAt(users.url, {
      orders: [orders.url],
      payments: [payments.url],
      notifications: [notifications.url],
      analytics: [],
    }),
  );
});

afterEach(async () => {
  await gateway.close();
  await Promise.all([users, ...Object.values(services)].map((one) => one.stop()));
});

async function call(
  path: string,
  token?: string,
  method = 'GET',
  body?: object,
): Promise<{ status: number; body: any }> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${gateway.url}${path}`, { method, headers, ...sent });
  return { status: response.status, body: await response.json() };
}

describe('the overview of an order', () => {
  const order = { id: ID, status: 'shipped', shipment: { tracking: 'T-1' } };
  const payment = { orderId: ID, status: 'captured' };
  const mine = { id: 'n1', orderId: ID, kind: 'order-confirmed' };

  beforeEach(() => {
    services.orders.answer = (_, response) => json(response, 200, order);
    services.payments.answer = (_, response) => json(response, 200, payment);
    services.notifications.answer = (request, response) =>
      request.url?.includes('cursor=next') === true
        ? json(response, 200, { items: [mine], nextCursor: null })
        : json(response, 200, { items: [{ ...mine, orderId: 'another' }, mine], nextCursor: 'next' });
  });

  const overview = (token?: string): Promise<{ status: number; body: any }> =>
    call(`/api/orders/${ID}/overview`, token);

  it('combines what the services know, on behalf of the caller and in the same trace', async () => {
    const asked: unknown[] = [];
    services.payments.answer = (request, response) => {
      asked.push(request.url, request.headers.authorization, request.headers['traceparent']);
      json(response, 200, payment);
    };
    expect(await overview(customer)).toEqual({
      status: 200,
      body: { order, payment, shipment: order.shipment, notifications: [mine, mine], unavailable: {} },
    });
    expect(asked).toEqual([`/api/payments/${ID}`, `Bearer ${customer}`, expect.stringMatching(/^00-/)]);
  });

  it('requires a token', async () => {
    expect(await overview()).toMatchObject({ status: 401, body: { code: 'AUTH.TOKEN_MISSING' } });
  });

  it.each([
    ['payments', ['payment']],
    ['notifications', ['notifications']],
    ['orders', ['order', 'shipment']],
  ] as const)('does without %s', async (service, parts) => {
    await services[service].stop();
    const { status, body } = await overview(customer);
    expect(status).toBe(200);
    expect(Object.keys(body.unavailable)).toEqual(parts);
    for (const part of parts) {
      expect(body[part]).toBeNull();
      expect(body.unavailable[part]).toEqual({
        code: 'GATEWAY.SERVICE_AWAY',
        reason: expect.stringContaining(service),
      });
    }
    const there = ['order', 'payment', 'shipment', 'notifications'].filter((part) => !parts.includes(part as never));
    for (const part of there) expect(body[part]).not.toBeNull();
  });

  it('omits a part that fails, with the service’s own reason', async () => {
    services.payments.answer = (_, response) =>
      json(response, 503, { code: 'STORE.UNAVAILABLE', detail: 'The store does not answer' });
    expect((await overview(customer)).body).toMatchObject({
      payment: null,
      unavailable: { payment: { code: 'STORE.UNAVAILABLE', reason: 'The store does not answer' } },
    });
  });

  it('has null without a reason for a part that does not exist yet', async () => {
    services.payments.answer = (_, response) => json(response, 404, { code: 'PAYMENT.NOT_FOUND' });
    services.orders.answer = (_, response) => json(response, 200, { id: ID, status: 'pending' });
    expect((await overview(customer)).body).toMatchObject({ payment: null, shipment: null, unavailable: {} });
  });

  it('is 404 if the order does not exist, or belongs to another customer', async () => {
    services.orders.answer = (_, response) => json(response, 404, { code: 'ORDER.NOT_FOUND', detail: 'No such order' });
    expect(await overview(customer)).toMatchObject({
      status: 404,
      body: { code: 'ORDER.NOT_FOUND', detail: 'No such order' },
    });
    expect(await call('/api/orders/nonsense/overview', customer)).toMatchObject({ status: 400 });
  });
});

describe('the targets', () => {
  it('are visible only to the staff', async () => {
    expect((await call('/api/gateway/targets')).status).toBe(401);
    expect((await call('/api/gateway/targets', customer)).status).toBe(403);
    await services.payments.stop();
    await call('/api/payments/1');
    const { body } = await call('/api/gateway/targets', staff);
    expect(body.discovery).toEqual({ kind: 'static', state: 'up' });
    const of = (name: string): unknown => body.targets.find(({ service }: any) => service === name);
    expect(of('payments')).toMatchObject({
      breaker: 'closed',
      inFlight: 0,
      instances: [{ url: services.payments.url, skipped: true }],
      lastFailure: { message: expect.stringContaining('ECONNREFUSED'), instance: services.payments.url },
    });
    expect(of('analytics')).toMatchObject({ instances: [] });
  });
});

/** Lets `users` answer requests for its keys as before, and all other requests in this way. */
function answerKeysAnd(answer: FakeService['answer']): FakeService['answer'] {
  const keys = users.answer;
  return (request, response) =>
    request.url === '/.well-known/jwks.json' ? keys(request, response) : answer(request, response);
}

describe('dead letters', () => {
  const letter = (service: string, day: number): object => ({
    messageId: `0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a5${day}`,
    service,
    handler: `${service}/thing`,
    diedAt: `2026-01-0${day}T10:00:00.000Z`,
  });

  /** Makes a service return these letters, newest first, page by page like a real service. */
  function holding(fake: FakeService, letters: any[]): void {
    fake.answer = (request, response) => {
      const query = new URL(request.url ?? '', 'http://h').searchParams;
      const cursor = query.get('cursor');
      const before = cursor === null ? 'z' : JSON.parse(Buffer.from(cursor, 'base64url').toString()).diedAt;
      const rest = letters.filter(({ diedAt }) => diedAt < before);
      const limit = Number(query.get('limit'));
      json(response, 200, { items: rest.slice(0, limit), nextCursor: rest.length > limit ? 'more' : null });
    };
  }

  beforeEach(() => {
    users.answer = answerKeysAnd((_, response) => json(response, 200, { items: [], nextCursor: null }));
    holding(services.orders, [letter('orders', 5), letter('orders', 3), letter('orders', 1)]);
    holding(services.payments, [letter('payments', 4), letter('payments', 2)]);
    holding(services.notifications, []);
  });

  it('are merged newest first, page by page, with the names of services that could not be asked', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < 9; page += 1) {
      const { status, body } = await call(`/api/dead-letters?limit=2${cursor && `&cursor=${cursor}`}`, staff);
      expect(status).toBe(200);
      expect(body.items.length).toBeLessThanOrEqual(2);
      expect(body.unavailable).toEqual([
        { service: 'analytics', code: 'GATEWAY.SERVICE_AWAY', reason: expect.any(String) },
      ]);
      seen.push(...body.items.map(({ messageId }: any) => messageId.slice(-1)));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(['5', '4', '3', '2', '1']);
  });

  it('are for the staff only, and for existing services', async () => {
    expect((await call('/api/dead-letters', customer)).status).toBe(403);
    for (const query of ['service=nobody', 'limit=0', 'cursor=abc', 'other=1']) {
      expect(await call(`/api/dead-letters?${query}`, staff)).toMatchObject({
        status: 400,
        body: { code: 'REQUEST.INVALID' },
      });
    }
    const { body } = await call('/api/dead-letters?service=payments', staff);
    expect(body.items).toHaveLength(2);
  });

  it('are grouped and shown with their message, each service for itself, by the same conditions', async () => {
    const asked: string[] = [];
    const answering = (service: string, count: number): FakeService['answer'] => {
      const group = { service, type: 't', handler: 'h', failure: 'f', count, newest: '2026-01-01T00:00:00.000Z' };
      return (request, response) => {
        asked.push(request.url ?? '');
        // As a process that hosts both services.
        const both = ['orders', 'payments'].map((of) => ({ service: of, message: { data: of } }));
        json(response, 200, { items: request.url?.includes('groups') === true ? [group] : both });
      };
    };
    services.orders.answer = answering('orders', 1);
    services.payments.answer = answering('payments', 2);
    const query = 'reason=a+b%26c&from=2026-01-01T00%3A00%3A00Z';
    const groups = await call(`/api/dead-letters/groups?${query}`, staff);
    expect(groups.body.items.map(({ service }: any) => service)).toEqual(['payments', 'orders']);
    expect(groups.body.unavailable).toMatchObject([{ service: 'analytics' }]);
    const condition = 'reason=a+b%26c&from=2026-01-01T00%3A00%3A00.000Z';
    expect(asked.sort()[0]).toBe(`/api/dead-letters/groups?${condition}&service=orders`);
    const letter = await call('/api/dead-letters/M', staff);
    expect(letter.body.items.map(({ message }: any) => message.data)).toEqual(['orders', 'payments']);
    expect(asked).toContain('/api/dead-letters/m');
    expect((await call('/api/dead-letters/m', customer)).status).toBe(403);
  });

  it('are redriven by every service that has them', async () => {
    const missing = (_: unknown, response: ServerResponse): void =>
      json(response, 404, { code: 'DEAD_LETTER.NOT_FOUND' });
    users.answer = answerKeysAnd(missing);
    services.orders.answer = (request, response) => json(response, 202, { messageId: 'm', services: [request.method] });
    [services.payments.answer, services.notifications.answer] = [missing, missing];
    expect(await call('/api/dead-letters/m/redrive', staff, 'POST', { reason: 'done' })).toMatchObject({
      status: 202,
      body: { messageId: 'm', services: ['POST'], unavailable: [{ service: 'analytics' }] },
    });
    services.orders.answer = missing;
    expect(await call('/api/dead-letters/m/redrive', staff, 'POST', { reason: 'done' })).toMatchObject({
      status: 503,
      body: { code: 'GATEWAY.SERVICE_AWAY', detail: expect.stringContaining('analytics') },
    });
  });
});

describe('a dead letter', () => {
  const bodyOf = async (request: AsyncIterable<Buffer>): Promise<any> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString() || 'null');
  };

  it('is edited by the one service that has it, and discarded by all, with the reason', async () => {
    const asked: unknown[] = [];
    services.orders.answer = (_, response) => json(response, 404, { code: 'DEAD_LETTER.NOT_FOUND' });
    services.notifications.answer = services.orders.answer;
    users.answer = answerKeysAnd(services.orders.answer);
    services.payments.answer = (request, response) => {
      if (request.method === 'GET') return json(response, 200, { items: [{ service: 'payments' }] });
      void bodyOf(request).then((body) => {
        asked.push([request.url, body]);
        json(response, 202, { messageId: 'm', service: 'payments', newMessageId: 'n', services: ['payments'] });
      });
    };
    const edit = { reason: 'corrected', data: { text: 'ünï' } };
    const edited = await call('/api/dead-letters/m/edit', staff, 'POST', edit);
    expect(edited).toMatchObject({ status: 202, body: { service: 'payments', newMessageId: 'n' } });
    const discarded = await call('/api/dead-letters/m/discard', staff, 'POST', { reason: 'not needed' });
    expect(discarded).toMatchObject({ status: 200, body: { services: ['payments'] } });
    expect(asked).toEqual([
      ['/api/dead-letters/m/edit', { ...edit, service: 'payments' }],
      ['/api/dead-letters/m/discard', { reason: 'not needed' }],
    ]);
    expect((await call('/api/dead-letters/m/discard', customer, 'POST', { reason: 'not needed' })).status).toBe(403);
    expect((await call('/api/dead-letters/m/discard', staff, 'POST', {})).status).toBe(400);
  });

  it('has its actions merged, latest first', async () => {
    const answering =
      (ids: string[]): FakeService['answer'] =>
      (request, response) => {
        const before = new URL(request.url ?? '', 'http://h').searchParams.get('cursor');
        const last = before === null ? 'z' : JSON.parse(Buffer.from(before, 'base64url').toString());
        json(response, 200, { items: ids.filter((id) => id < last).map((id) => ({ id })), nextCursor: null });
      };
    const id = (n: number): string => `0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a5${n}`;
    services.orders.answer = answering([id(4), id(1)]);
    services.payments.answer = answering([id(3), id(2)]);
    services.notifications.answer = answering([]);
    users.answer = answerKeysAnd(answering([]));
    const first = await call('/api/dead-letters/actions?limit=3', staff);
    expect(first.body.items.map((action: any) => action.id)).toEqual([id(4), id(3), id(2)]);
    const second = await call(`/api/dead-letters/actions?limit=3&cursor=${first.body.nextCursor}`, staff);
    expect(second.body).toMatchObject({ items: [{ id: id(1) }], nextCursor: null });
  });
});

describe('the document of all services', () => {
  const documented =
    (path: string, extra: object = {}): FakeService['answer'] =>
    (request, response) => {
      if (request.url !== '/docs-json') return json(response, 404, {});
      const ref = { $ref: '#/components/schemas/Thing' };
      const get = { responses: { 200: { description: 'ok', content: { 'application/json': { schema: ref } } } } };
      const paths = { [path]: { get }, '/health/live': { get }, '/api/gateway/stolen': { get } };
      json(response, 200, {
        openapi: '3.0.0',
        paths,
        components: { schemas: { Thing: { type: 'object', ...extra } } },
      });
    };

  it('contains all routed paths of the services and the gateway’s own, and names missing services', async () => {
    services.orders.answer = documented('/api/orders/{id}');
    services.payments.answer = documented('/api/payments/{orderId}', { title: 'another' });
    const { body } = await call('/docs-json');
    const paths = Object.keys(body.paths);
    expect(paths).toEqual(
      expect.arrayContaining([
        '/api/orders/{id}',
        '/api/payments/{orderId}',
        '/api/orders/{id}/overview',
        '/api/gateway/targets',
      ]),
    );
    expect(paths).not.toContain('/api/gateway/stolen');
    expect(body.components.schemas).toMatchObject({ Thing: {}, 'payments.Thing': { title: 'another' }, Problem: {} });
    expect(JSON.stringify(body.paths['/api/payments/{orderId}'])).toContain('#/components/schemas/payments.Thing');
    expect(body.info.description).toMatch(/The service analytics does not answer.*is missing here/);
    expect(body.info.description).not.toMatch(/service orders/);
    const page = await (await fetch(`${gateway.url}/docs/swagger-ui-init.js`)).text();
    expect(page).toContain('/api/payments/{orderId}');
  });

  it('contains the messages of all services, wherever they run', async () => {
    const { body } = await call('/docs/asyncapi.json');
    const tags = Object.values<any>(body.operations).map((operation) => operation.tags[0].name);
    expect(new Set(tags)).toEqual(
      new Set(['users', 'products', 'orders', 'inventory', 'payments', 'notifications', 'analytics']),
    );
  });
});
