import { engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { Api } from '../support/api.js';
import { GroupedShop } from '../support/grouped-shop.js';
import { drawn, OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { ShopProcess, STAFF } from '../support/shop-process.js';
import { sagaEnds } from '../support/shop.js';
import { freshVhost } from '../support/vhost.js';

const SERVER = 2;
const PRODUCER = 4;
const CONSUMER = 5;

let receiver: OtlpReceiver;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
});

afterAll(async () => {
  await receiver.stop();
});

const serviceOf = ({ attributes }: ReceivedSpan): unknown => attributes['seam.service'];
const endOfSaga = (spans: readonly ReceivedSpan[], status: string): ReceivedSpan | undefined =>
  spans.find(({ attributes }) => attributes['seam.saga.status'] === status);

/** Places an order and returns its trace, once the saga's end and all spans before it have been received. */
async function traceOf(url: string, token: string, status: string): Promise<readonly ReceivedSpan[]> {
  const shop = new Api(url);
  const customer = await shop.customer();
  const placed = await customer.order(token, [{ sku: 'MUG-BLUE', quantity: 1 }]);
  expect(placed.status).toBe(202);
  await sagaEnds(await shop.login(STAFF), placed.body.sagaId);
  const traceId = placed.headers.get('x-trace-id') ?? '';
  return eventually(
    () => {
      const spans = receiver.trace(traceId);
      const ids = new Set(spans.map(({ spanId }) => spanId));
      const orphans = spans.filter(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId));
      const sent = spans.filter(({ kind }) => kind === PRODUCER).length;
      const handled = spans.filter(({ kind }) => kind === CONSUMER).length;
      if (endOfSaga(spans, status) === undefined || orphans.length > 0 || handled < sent)
        throw new Error(`${orphans.length} orphans in\n${drawn(spans)}`);
      return Promise.resolve(spans);
    },
    { withinMs: 20_000 },
  );
}

/** From the HTTP request to the saga's end: one root, no gaps, every span within its order. */
function expectWhole(spans: readonly ReceivedSpan[], status: string, root = 'POST /api/orders'): void {
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === '');
  expect(roots).toMatchObject([{ kind: SERVER, name: root, failed: false }]);
  expect(spans.length).toBeGreaterThanOrEqual(12);
  expect(new Set(spans.map(serviceOf)).size).toBeGreaterThanOrEqual(6);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const way: string[] = [];
  for (let span = endOfSaga(spans, status); span !== undefined; span = byId.get(span.parentSpanId)) {
    way.unshift(span.name);
  }
  expect(way[0]).toBe(root);
  expect(way.at(-1)).toBe('commit orders');
  const orders = new Set(spans.map(({ attributes }) => attributes['seam.correlation_id']).filter(Boolean));
  expect(orders.size).toBe(1);
}

describe('one process', () => {
  let shop: ShopProcess & { readonly url: string };

  beforeAll(async () => {
    shop = await ShopProcess.start({ env: { ...receiver.environment, SEAM_LOG_FORMAT: 'json', SEAM_LOG: 'debug' } });
  });

  afterAll(async () => {
    expect(await shop.stop()).toBe(0);
  });

  it('shows one order as one trace, from its request to the end of its saga', async () => {
    const spans = await traceOf(shop.url, 'tok_visa', 'completed');
    expectWhole(spans, 'completed');
    expect(new Set(spans.map(serviceOf))).toEqual(
      new Set(['seam', 'orders', 'inventory', 'payments', 'notifications', 'analytics']),
    );
    expect(spans.filter(({ failed }) => failed)).toEqual([]);
    const names = spans.map(({ name }) => name);
    for (const name of [
      'PlaceOrderController.place',
      'send inventory.reserve-stock.v1',
      'process inventory.reserve-stock.v1',
      'commit inventory',
      'process payments.charge-payment.v1',
      'commit notifications',
    ])
      expect(names).toContain(name);
  });

  it('shows the compensations of a declined order', async () => {
    const spans = await traceOf(shop.url, 'tok_declined', 'compensated');
    expect(spans.map(({ name }) => name)).toContain('process inventory.release-stock.v1');
    expect(spans.filter(({ parentSpanId }) => parentSpanId === '')).toHaveLength(1);
  });

  it('continues the trace of its caller, and records no probes', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const shopApi = new Api(shop.url);
    await shopApi.call('GET', '/health/ready');
    await shopApi.call('GET', '/api/products/NOT-THERE', undefined, {
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    });
    const spans = await eventually(() => {
      const found = receiver.trace(traceId);
      if (found.length === 0) throw new Error('nothing yet');
      return Promise.resolve(found);
    });
    const server = spans.find(({ kind }) => kind === SERVER);
    expect(server).toMatchObject({ name: 'GET /api/products/:sku', parentSpanId: '00f067aa0ba902b7', failed: false });
    expect(receiver.spans.filter(({ attributes }) => String(attributes['url.path']).startsWith('/health'))).toEqual([]);
  });

  it('logs lines of JSON, without the data of customers', () => {
    const lines = shop.output.split('\n').filter((line) => line.startsWith('{'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), service: 'seam' });
    expect(lines.join()).not.toMatch(/tok_|@example\.com|a-long-enough-password/);
  });
});

const rabbitmq = engine('rabbitmq');

if (rabbitmq === undefined) {
  test.skip('one trace over RabbitMQ: there is no RabbitMQ here', () => undefined);
} else {
  describe('groups of services over RabbitMQ, behind a gateway', () => {
    let shop: GroupedShop;

    beforeAll(async () => {
      shop = await GroupedShop.start({ rabbitmqUrl: await freshVhost(rabbitmq), env: receiver.environment });
    });

    afterAll(async () => {
      expect(await shop.stop()).toEqual([0, 0, 0, 0, 0]);
    });

    it('shows one order as one trace, through every process', async () => {
      const spans = await traceOf(shop.url, 'tok_visa', 'completed');
      expectWhole(spans, 'completed', 'POST /api/orders/*');
      expect(new Set(spans.map(serviceOf))).toEqual(
        new Set(['gateway', 'orders', 'inventory', 'payments', 'notifications', 'analytics']),
      );
      expect(new Set(spans.map(({ process }) => process))).toEqual(
        new Set(['gateway', 'orders', 'payments', 'inventory+notifications+analytics']),
      );
      const systems = spans.filter(({ kind }) => kind === CONSUMER).map((span) => span.attributes['messaging.system']);
      expect(new Set(systems)).toEqual(new Set(['rabbitmq']));
    });
  });
}
