import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { eventually } from '@seam/testing';
import { alertQueries, metricsIn, queries } from '../alerts/monitoring-queries.js';
import { PrometheusApi } from '../alerts/prometheus-api.js';
import { orderFlows } from '../flows/orders.flow.js';
import { Api } from '../support/api.js';
import { ComposeShop, missingEngines, SERVICES } from '../support/compose-shop.js';
import { OrderLoad } from '../support/order-load.js';
import { readmeScript } from '../support/readme-script.js';
import { orderIs } from '../support/shop.js';
import { STAFF } from '../support/shop-process.js';

/** The first build of the image installs its packages. */
jest.setTimeout(900_000);

/** How long a container is stopped. */
const AWAY_MS = 30_000;

const run = promisify(execFile);

const isJson = (line: string): boolean => {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
};

const missing = missingEngines();

if (missing.length > 0) {
  test.skip(`every service in a container: no Docker, or no image of ${missing.join(', ')}`, () => undefined);
} else {
  describe('docker compose', () => {
    let shop: ComposeShop;

    beforeAll(async () => {
      shop = await ComposeShop.up();
    });

    afterAll(async () => {
      await shop.down();
    });

    test("the README's curl lines work as in one process, as soon as it is up", async () => {
      const env = { ...process.env, SEAM_STAFF_PASSWORD: STAFF.password };
      const { stdout } = await run('bash', ['-eu', '-c', readmeScript(shop.url)], { env });
      for (const part of ['"status":"confirmed"', '"status":"captured"', '"PAYMENT_DECLINED"', '"state":"compensated"'])
        expect(stdout).toContain(part);
    });

    orderFlows('every service in a container of its own', () =>
      Promise.resolve({ url: shop.url, stop: () => Promise.resolve() }),
    );

    test('no container of ours runs as root, writes to its image or has extra capabilities', async () => {
      const ids = await shop.containers('orders');
      const { stdout } = await run('docker', ['inspect', ...ids]);
      for (const { Config, HostConfig } of JSON.parse(stdout)) {
        expect(Config.User).toBe('node');
        expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], Privileged: false });
        expect(HostConfig.SecurityOpt).toContain('no-new-privileges:true');
      }
      expect(await shop.compose('exec', '-T', 'orders', 'id', '-u')).not.toBe('0\n');
    });

    test('only the gateway can be reached from outside', async () => {
      const { stdout } = await run('docker', ['inspect', ...(await shop.containers())]);
      const published = JSON.parse(stdout).flatMap(({ Config, HostConfig }: any) =>
        Object.keys(HostConfig.PortBindings ?? {}).map(
          (port) => `${Config.Labels['com.docker.compose.service']} ${port}`,
        ),
      );
      expect(published).toEqual(['gateway 3000/tcp']);
    });

    test('Prometheus gets the metrics of the alerts and dashboards, from every service and engine', async () => {
      await shop.compose('up', '-d', 'prometheus');
      const prometheus = new PrometheusApi(shop.prometheusUrl);
      // Without those that have no image here: the replacement for ClickHouse has no metrics, and exporters are not
      // built.
      const expected = [...SERVICES, 'rabbitmq', 'consul'];
      await eventually(async () => expect(await prometheus.up()).toEqual(expect.arrayContaining(expected)), {
        withinMs: 60_000,
      });
      await eventually(async () => expect(await prometheus.failedRules()).toEqual([]), { withinMs: 90_000 });
      const metrics = await prometheus.metrics();
      const asked = [...alertQueries, ...queries].flatMap(metricsIn);
      const ofExporters = ['pg_up', 'redis_up', 'mongodb_up'];
      expect(asked.map(({ metric }) => metric).filter((name) => !metrics.has(name))).toEqual(ofExporters);
      for (const { metric, labels } of asked) {
        const known = await prometheus.labelsOf(metric);
        expect([metric, known && labels.filter((label) => !known.has(label))]).toEqual([metric, known && []]);
      }
      await shop.compose('rm', '-sf', 'prometheus');
    });

    test.each(['mongo'])(
      '%s is killed, and away for 30 s under load: the rest answers, and every accepted order ends',
      async (container) => {
        const guest = new Api(shop.url);
        const staff = await guest.login(STAFF);
        for (const sku of OrderLoad.skus) await staff.post(`/api/inventory/${sku}/receipts`, { quantity: 10_000 });
        const load = await OrderLoad.start(shop.url);
        await shop.compose('kill', container);
        await new Promise((over) => setTimeout(over, AWAY_MS));
        expect((await guest.get('/api/products')).status).toBe(200);
        await shop.compose('start', container);
        const before = load.accepted.length;
        await eventually(() => expect(load.accepted.length).toBeGreaterThan(before + 20), { withinMs: 60_000 });
        await load.stop();
        const pending = new Set(load.accepted);
        await eventually(
          async () => {
            for (const id of pending) {
              const { status, body } = await staff.get(`/api/orders/${id}`);
              if (status === 200 && body.status !== 'pending') pending.delete(id);
            }
            expect([...pending]).toEqual([]);
          },
          { withinMs: 120_000 },
        );
      },
    );

    test('three of orders share the work', async () => {
      await shop.compose('up', '-d', '--wait', '--no-recreate', '--scale', 'orders=3');
      const staff = await new Api(shop.url).login(STAFF);
      await eventually(
        async () => {
          const { targets } = (await staff.get('/api/gateway/targets')).body;
          const orders = targets.find(({ service }: any) => service === 'orders');
          expect(orders.instances).toHaveLength(3);
        },
        { withinMs: 30_000 },
      );
      const customer = await new Api(shop.url).customer();
      const placed = await Promise.all(
        Array.from({ length: 30 }, () => customer.order('tok_visa', [{ sku: 'MUG-BLUE', quantity: 1 }])),
      );
      expect(placed.map(({ status }) => status)).toEqual(Array(30).fill(202));
      await Promise.all(placed.map(({ body }) => orderIs(customer, body.id, 'confirmed')));
    });

    // The last test: it checks the output of all containers during flows and outages.
    test('our containers print lines of JSON and nothing else', async () => {
      const logs = await shop.compose('logs', '--no-log-prefix', '--no-color', ...SERVICES, 'secrets');
      // Compose clears each of its lines first, also where it writes to no terminal.
      const lines = logs
        .replaceAll('\u001b[2K', '')
        .split('\n')
        .filter((line) => line !== '');
      expect(lines.length).toBeGreaterThanOrEqual(SERVICES.length);
      expect(lines.filter((line) => !isJson(line))).toEqual([]);
    });
  });
}
