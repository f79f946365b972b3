import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderShipped, shop } from '@seam/contracts';
import { type EventContract, messageOf } from '@seam/messaging/contract';
import { type RunningProcess, startProcess } from '@seam/host';
import { newId } from '@seam/kernel';
import { InProcessBroker } from '@seam/messaging';
import { readSettings } from '@seam/process';
import { LocalVerificationKeys } from '@seam/security';
import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { startTestServer } from '@seam/persistence/testing';
import { testIdentity } from '@seam/security/testing';
import { analyticsService } from './analytics.definition.js';

/** A store of the service's data, and how to close it. */
interface Engine {
  readonly environment: Record<string, string>;
  stop(): unknown;
}

const onPostgres = async (): Promise<Engine> => {
  const postgres = await startTestServer();
  return { environment: { DATABASE_URL: postgres.url('postgres') }, stop: () => postgres.stop() };
};

/** In a separate database of this run on the shared server. */
const onClickHouse = (): Promise<Engine> =>
  Promise.resolve({
    environment: { CLICKHOUSE_URL: `${engine('clickhouse')!.url}/test_${newId().replaceAll('-', '')}` },
    stop: () => undefined,
  });

let broker: InProcessBroker;
let running: RunningProcess;
let staff: string;
let customer: string;

interface Answer {
  status: number;
  body: any;
}

async function get(path: string, token?: string): Promise<Answer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${running.url}${path}`, { headers });
  return { status: response.status, body: await response.json() };
}

/** Resolves when the event is counted, however often it is delivered. */
const receive = <D>(contract: EventContract<D>, data: D, id = newId()): Promise<void> =>
  broker.publish({ id, source: 'orders', at: new Date().toISOString(), ...messageOf(contract, 'o', data) });

const order = (orderId: string, amount: number) => ({ orderId, userId: 'u1', total: { amount, currency: 'EUR' } });

const engines: [string, typeof onPostgres][] = [
  ['PostgreSQL', onPostgres],
  ...(engine('clickhouse') ? [['ClickHouse', onClickHouse] as [string, typeof onClickHouse]] : []),
];

describe.each(engines)('the service on %s', (_, open) => {
  let store: Engine;

  beforeAll(async () => {
    store = await open();
    broker = new InProcessBroker();
    const identity = await testIdentity();
    const settings = readSettings({ PORT: '0', SEAM_LOG: 'error', ...store.environment });
    running = await startProcess({ ...shop, services: [{ ...analyticsService, needs: [] }] }, settings, {
      transport: broker,
    });
    running.app.get(LocalVerificationKeys).use(() => Promise.resolve(identity.jwks));
    staff = await identity.tokenFor({ userId: 's1', role: 'staff', email: 's@b.c' });
    customer = await identity.tokenFor({ userId: 'u1', role: 'customer', email: 'u@b.c' });

    const repeated = newId();
    const placed = { ...order('o1', 1000), lines: [], placedAt: '2026-01-31T10:10:00Z' };
    await receive(OrderPlaced, placed, repeated);
    await receive(OrderPlaced, placed, repeated);
    await receive(OrderShipped, { ...order('o1', 1000), tracking: 'T', shippedAt: '2026-01-31T12:10:00Z' });
    await receive(OrderConfirmed, { ...order('o1', 1000), confirmedAt: '2026-01-31T10:20:00Z' });
    await receive(OrderConfirmed, { ...order('o2', 300), confirmedAt: '2026-01-31T10:30:00Z' });
    await receive(OrderCancelled, {
      ...order('o2', 300),
      code: 'CUSTOMER_REQUEST',
      reason: 'changed my mind',
      wasConfirmed: true,
      cancelledAt: '2026-01-31T12:30:00Z',
    });
  });

  afterAll(async () => {
    await running.close();
    await store.stop();
  });

  describe('GET /api/analytics/summary', () => {
    it('shows orders, revenue and cancellations', async () => {
      expect(await get('/api/analytics/summary', staff)).toEqual({
        status: 200,
        body: {
          orders: { placed: 1, confirmed: 2, cancelled: 1, shipped: 1 },
          revenue: [{ amount: 1000, currency: 'EUR' }],
          cancellations: { CUSTOMER_REQUEST: 1 },
        },
      });
    });
  });

  describe('GET /api/analytics/sales', () => {
    const items = async (query: string): Promise<unknown> =>
      (await get(`/api/analytics/sales?${query}`, staff)).body.items;
    const euros = (amount: number) => [{ amount, currency: 'EUR' }];

    it('shows each hour, also if nothing happened in it', async () => {
      expect(await items('from=2026-01-31T10:00:00Z&to=2026-01-31T13:00:00Z')).toEqual([
        { start: '2026-01-31T10:00:00.000Z', placed: 1, confirmed: 2, cancelled: 0, revenue: euros(1300) },
        { start: '2026-01-31T11:00:00.000Z', placed: 0, confirmed: 0, cancelled: 0, revenue: [] },
        { start: '2026-01-31T12:00:00.000Z', placed: 0, confirmed: 0, cancelled: 1, revenue: euros(-300) },
      ]);
    });

    it('shows each day', async () => {
      expect(await items('from=2026-01-31T10:00:00Z&to=2026-02-01T10:00:00Z&bucket=day')).toMatchObject([
        { start: '2026-01-31T00:00:00.000Z', placed: 1, confirmed: 2, cancelled: 1, revenue: euros(1000) },
        { start: '2026-02-01T00:00:00.000Z', placed: 0, revenue: [] },
      ]);
    });

    it('shows a sum that JSON numbers cannot represent exactly also as digits', async () => {
      const total = { amount: Number.MAX_SAFE_INTEGER, currency: 'JPY' };
      for (const orderId of ['j1', 'j2', 'j3'])
        await receive(OrderConfirmed, { ...order(orderId, 0), total, confirmedAt: '2026-03-01T10:00:00Z' });
      const [hour] = (await items('from=2026-03-01T10:00:00Z&to=2026-03-01T11:00:00Z')) as { revenue: unknown }[];
      const exact = '27021597764222973';
      expect(hour?.revenue).toEqual([{ amount: Number(exact), currency: 'JPY', exact }]);
    });

    it('shows the last 24 hours by default', async () => {
      const { status, body } = await get('/api/analytics/sales', staff);
      expect(status).toBe(200);
      expect([24, 25]).toContain(body.items.length);
    });

    it.each([
      'bucket=week',
      'from=yesterday',
      'from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z',
      'from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z',
      'currency=EUR',
    ])('refuses ?%s', async (query) => {
      expect(await get(`/api/analytics/sales?${query}`, staff)).toMatchObject({
        status: 400,
        body: { code: 'REQUEST.INVALID' },
      });
    });
  });

  describe('analytics', () => {
    it.each(['/api/analytics/summary', '/api/analytics/sales'])('at %s is for staff only', async (path) => {
      expect((await get(path)).status).toBe(401);
      expect((await get(path, customer)).status).toBe(403);
    });

    it('is described in /docs-json', async () => {
      const { body } = await get('/docs-json');
      const { get: sales } = body.paths['/api/analytics/sales'];
      expect(Object.keys(sales.responses)).toEqual(['200', '400', '401', '403']);
      expect(sales.parameters.map((p: { name: string }) => p.name).sort()).toEqual(['bucket', 'from', 'to']);
    });
  });

  describe('an event that cannot be counted', () => {
    it('is a dead letter, and is given up again when it is sent again', async () => {
      const id = newId();
      const broken = {
        id,
        source: 'orders',
        at: new Date().toISOString(),
        ...messageOf(OrderPlaced, 'o', {} as never),
      };
      await broker.publish(broken);
      const letters = async (): Promise<any[]> => {
        const response = await fetch(`${running.url}/api/dead-letters`, {
          headers: { authorization: `Bearer ${staff}` },
        });
        return ((await response.json()) as { items: any[] }).items;
      };
      expect(await letters()).toMatchObject([{ messageId: id, service: 'analytics', source: 'orders', attempts: 1 }]);
      const redriven = await fetch(`${running.url}/api/dead-letters/${id}/redrive`, {
        method: 'POST',
        headers: { authorization: `Bearer ${staff}`, 'content-type': 'application/json' },
        body: JSON.stringify({ reason: 'the contract was corrected' }),
      });
      expect(redriven.status).toBe(202);
      await eventually(async () => expect(await letters()).toMatchObject([{ messageId: id }]));
    });
  });
});
