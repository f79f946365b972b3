import { OVERLOADED_HEADER, type RunningProcess } from '@seam/host';
import { guardDefaults } from '@seam/resilience';
import { eventually } from '@seam/testing';
import { defaultLimits, type GatewayLimits } from '../limits.js';
import { echo, everythingAt, type FakeService, fakeService, metricOf, startGateway } from '../testing/gateway-rig.js';

let one: FakeService;
let two: FakeService;
let gateway: RunningProcess;

const limits = {
  ...defaultLimits,
  headersMs: 700,
  suspectMs: 150,
  healthCheckMs: 150,
  guard: { maxConcurrent: 1_000, breaker: { ...guardDefaults.breaker, windowMs: 3_000, openMs: 3_000 } },
};

beforeEach(async () => {
  [one, two] = [await fakeService(), await fakeService()];
  gateway = await startGateway(everythingAt(one.url, { orders: [one.url, two.url] }), limits);
});

afterEach(async () => {
  await gateway.close();
  await Promise.all([one.stop(), two.stop()]);
});

/** Restarts the gateway with other limits. */
async function restart(other: Partial<GatewayLimits>): Promise<void> {
  await gateway.close();
  gateway = await startGateway(everythingAt(one.url, { orders: [one.url, two.url] }), { ...limits, ...other });
}

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfter: string | null;
}

async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${gateway.url}${path}`, init);
  const body = (await response.json().catch(() => ({}))) as { code?: string };
  return { status: response.status, code: body.code, retryAfter: response.headers.get('retry-after') };
}

const many = (count: number, run: () => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, run));

const metric = (name: string): Promise<number> => metricOf(gateway, name);

it('uses every instance', async () => {
  for (let n = 0; n < 40; n += 1) await call('/api/orders');
  expect(Math.min(one.calls, two.calls)).toBeGreaterThan(5);
});

it.each([
  ['a GET', {}],
  ['a POST with a key', { method: 'POST', body: '{"a":1}', headers: { 'idempotency-key': 'k' } }],
  ['a POST without a key, which was never sent', { method: 'POST', body: '{"a":1}' }],
])('moves %s to another instance if a connection is refused', async (_, init) => {
  await two.stop();
  for (let n = 0; n < 30; n += 1) {
    expect((await call('/api/orders', init)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await two.start();
  const before = two.calls;
  await eventually(async () => {
    await call('/api/orders');
    expect(two.calls).toBeGreaterThan(before);
  });
});

it('makes at most 1.2 attempts per call while instances close connections', async () => {
  const breakOff: typeof echo = (request) => void request.socket.destroy();
  [one.answer, two.answer] = [breakOff, breakOff];
  [one.calls, two.calls] = [0, 0];
  for (let n = 0; n < 100; n += 1) await call('/api/orders');
  expect(one.calls + two.calls).toBeLessThanOrEqual(120);
});

it('stops calling a failing service, says when to retry, and detects when it works again', async () => {
  one.answer = (_, response) => void response.writeHead(503, { 'content-type': 'application/json' }).end('{}');
  for (let n = 0; n < 10; n += 1) expect((await call('/api/payments')).status).toBe(503);
  one.calls = 0;
  const refused = await call('/api/payments');
  expect(refused).toEqual({ status: 503, code: 'GATEWAY.BREAKER_OPEN', retryAfter: '3' });
  expect(one.calls).toBe(0);
  expect(await metric('seam_breaker_state{target="payments"}')).toBe(2);
  expect(await metric('seam_breaker_opened_total{target="payments"}')).toBe(1);
  expect(await metric('seam_breaker_state{target="users"}')).toBe(0);
  one.answer = echo;
  await eventually(async () => expect((await call('/api/payments')).status).toBe(200));
  expect(await metric('seam_breaker_state{target="payments"}')).toBe(0);
  expect((await many(20, () => call('/api/payments'))).every(({ status }) => status === 200)).toBe(true);
});

it('does not count refusals of a service, or internal errors, as a failure of the service', async () => {
  for (const status of [400, 401, 404, 409, 422, 429, 500]) {
    one.answer = (_, response) => void response.writeHead(status).end();
    for (let n = 0; n < 12; n += 1) expect((await call('/api/payments')).status).toBe(status);
  }
  expect(await metric('seam_breaker_state{target="payments"}')).toBe(0);
});

it('passes on the refusal of an overloaded instance, and does not count it as a failure', async () => {
  one.answer = (_, response) =>
    void response.writeHead(503, { [OVERLOADED_HEADER]: '1', 'retry-after': '4' }).end('{"code":"SERVICE.OVERLOADED"}');
  for (let n = 0; n < 20; n += 1)
    expect(await call('/api/payments')).toEqual({ status: 503, code: 'SERVICE.OVERLOADED', retryAfter: '4' });
  expect(await metric('seam_breaker_state{target="payments"}')).toBe(0);
});

it('opens the breaker for a slow service, and then does not call it', async () => {
  one.answer = () => undefined;
  const slow = await many(12, () => call('/api/payments'));
  expect(slow.every(({ code }) => code === 'GATEWAY.TIMEOUT')).toBe(true);
  const asked = one.calls;
  expect((await call('/api/payments')).code).toBe('GATEWAY.BREAKER_OPEN');
  expect(one.calls).toBe(asked);
});

it('moves repeatable calls away from a silent instance, and skips it until it answers again', async () => {
  await restart({ headersMs: 20_000 });
  two.answer = () => undefined;
  two.health = undefined;
  const started = performance.now();
  const moved = await many(8, () => call('/api/orders'));
  expect(moved.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(two.calls).toBeGreaterThan(0);
  expect(performance.now() - started).toBeLessThan(10_000); // The answer comes before the time limit is over.
  const asked = two.calls;
  const quick = performance.now();
  for (let n = 0; n < 20; n += 1) expect((await call('/api/orders', { method: 'POST', body: '{}' })).status).toBe(200);
  expect(performance.now() - quick).toBeLessThan(10_000);
  expect(two.calls).toBe(asked);
  [two.answer, two.health] = [echo, 200];
  await eventually(async () => {
    await call('/api/orders');
    expect(two.calls).toBeGreaterThan(asked);
  });
});

it('does not move a call from a slow instance whose health check succeeds', async () => {
  await restart({ headersMs: 20_000, healthCheckMs: 10_000 });
  two.answer = (request, response) => void setTimeout(() => echo(request, response), 500);
  await many(8, () => call('/api/orders'));
  const asked = one.calls + two.calls;
  expect(asked).toBe(8);
  expect(await metric('seam_target_retries_total{target="orders"}')).toBe(0);
});

it('closes the breaker as soon as the service becomes ready again, long before the next trial', async () => {
  await gateway.close();
  const { guard } = limits;
  const longOpen = { ...guard, breaker: { ...guard.breaker, openMs: 30_000 } };
  gateway = await startGateway(everythingAt(one.url), { ...limits, guard: longOpen });
  await one.stop();
  for (let n = 0; n < 10; n += 1) await call('/api/payments');
  expect(await call('/api/payments')).toMatchObject({ code: 'GATEWAY.BREAKER_OPEN', retryAfter: '30' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await one.start();
  await eventually(async () => expect((await call('/api/payments')).status).toBe(200), { withinMs: 1_000 });
  expect(await metric('seam_breaker_state{target="payments"}')).toBe(0);
});

it('keeps the breaker open for a service without instances, however often it is tried', async () => {
  await gateway.close();
  gateway = await startGateway(everythingAt(one.url, { orders: [] }), limits);
  const opening = await many(10, () => call('/api/orders'));
  expect(opening.map(({ code }) => code)).toEqual(Array(10).fill('GATEWAY.SERVICE_AWAY'));
  for (let trial = 0; trial < 2; trial += 1) {
    expect((await call('/api/orders')).code).toBe('GATEWAY.BREAKER_OPEN');
    expect(await metric('seam_breaker_state{target="orders"}')).toBe(2);
    await eventually(async () => expect((await call('/api/orders')).code).toBe('GATEWAY.SERVICE_AWAY'));
  }
  expect(await metric('seam_breaker_state{target="orders"}')).toBe(2);
});

it('does not treat a failing service as recovered if it was ready all the time', async () => {
  one.answer = (_, response) => void response.writeHead(503).end();
  for (let n = 0; n < 10; n += 1) await call('/api/payments');
  one.answer = echo;
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect((await call('/api/payments')).code).toBe('GATEWAY.BREAKER_OPEN');
});

it('does not open the breaker because clients disconnect', async () => {
  one.answer = () => undefined;
  for (let n = 0; n < 15; n += 1) {
    await fetch(`${gateway.url}/api/payments`, { signal: AbortSignal.timeout(20) }).catch(() => undefined);
  }
  expect(await metric('seam_breaker_state{target="payments"}')).toBe(0);
});

it('allows 1000 concurrent requests, refuses more at once, and delays no other service', async () => {
  await gateway.close();
  gateway = await startGateway(everythingAt(one.url, { users: [two.url] }), { ...limits, headersMs: 30_000 });
  const waiting: (() => void)[] = [];
  one.answer = (request, response) => void waiting.push(() => echo(request, response));
  const held = many(1_000, () => call('/api/orders'));
  await eventually(() => expect(waiting).toHaveLength(1_000), { withinMs: 40_000 });
  expect(await metric('seam_target_in_flight{target="orders"}')).toBe(1_000);
  expect(await call('/api/orders')).toEqual({ status: 503, code: 'GATEWAY.OVERLOADED', retryAfter: '1' });
  expect((await call('/api/auth')).status).toBe(200);
  for (const answer of waiting) answer();
  expect((await held).every(({ status }) => status === 200)).toBe(true);
  expect(await metric('seam_target_rejected_total{target="orders",reason="overloaded"}')).toBe(1);
  expect(await metric('seam_target_in_flight{target="orders"}')).toBe(0);
});

it('completes requests in progress before it stops', async () => {
  let answer: () => void = () => undefined;
  one.answer = (request, response) => void (answer = () => echo(request, response));
  const held = call('/api/payments', { method: 'POST' });
  await eventually(() => expect(one.calls).toBe(1));
  const closing = gateway.close();
  answer();
  expect((await held).status).toBe(200);
  await closing;
});
