import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { startTestServer } from '@seam/persistence/testing';
import { Api } from '../support/api.js';
import { eventually } from '@seam/testing';
import { dataDirectory, ShopProcess } from '../support/shop-process.js';

test('a second shop on the same data refuses to start, reports why, and does not affect the first', async () => {
  const first = await ShopProcess.start();
  const second = ShopProcess.spawn({ data: first.data });
  expect(await second.exited).toBe(1);
  expect(second.output).toContain(first.data);
  expect(second.output).toMatch(/in use|already/i);
  expect(second.output).not.toContain('    at ');
  expect((await new Api(first.url).get('/health/ready')).status).toBe(200);
  expect(await first.stop()).toBe(0);
});

test('a port in use is a clear error, and no PostgreSQL keeps running', async () => {
  const other = createServer().listen(0);
  const { port } = other.address() as AddressInfo;
  const data = dataDirectory();
  const shop = ShopProcess.spawn({ data, env: { PORT: String(port) } });
  expect(await shop.exited).toBe(1);
  expect(shop.output).toContain(`PORT ${port} is in use`);
  expect(shop.output).not.toContain('    at ');
  other.close();
  const again = await ShopProcess.start({ data });
  expect(await again.stop()).toBe(0);
});

test('a shop whose npm has ended, so that it gets no signal, stops by itself with its PostgreSQL', async () => {
  const shop = await ShopProcess.start({ shell: true, env: { npm_lifecycle_event: 'start' } });
  expect(await shop.stop('SIGKILL')).toBe('SIGKILL');
  await eventually(() => expect(existsSync(join(shop.data, 'postgres', 'postmaster.pid'))).toBe(false));
  await expect(fetch(`${shop.url}/health/live`)).rejects.toThrow();
});

test('a data directory that cannot be created is a clear error, and a line of JSON if logs are JSON', async () => {
  const shop = ShopProcess.spawn({ data: '/proc/no-such-place/seam', env: { SEAM_LOG_FORMAT: 'json' } });
  expect(await shop.exited).toBe(1);
  const lines = shop.output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; msg: string });
  expect(lines.at(-1)).toMatchObject({
    level: 'fatal',
    msg: expect.stringContaining('cannot be created. Set SEAM_DATA'),
  });
});

test('a shop whose logs are JSON prints nothing else, from the start to the end', async () => {
  const shop = await ShopProcess.start({ env: { SEAM_LOG_FORMAT: 'json', SEAM_LOG: 'info' } });
  expect(await shop.stop()).toBe(0);
  const lines = shop.output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toContainEqual(expect.objectContaining({ api: shop.url, docs: `${shop.url}/docs` }));
});

test('invalid settings are named, all at once, with the allowed values', async () => {
  const shop = ShopProcess.spawn({ env: { PORT: 'http', SEAM_DEMO: 'maybe', RABBITMQ_URL: 'http://localhost' } });
  expect(await shop.exited).toBe(1);
  for (const name of ['PORT', 'SEAM_DEMO', 'RABBITMQ_URL']) expect(shop.output).toContain(name);
  expect(shop.output).not.toContain('    at ');
});

test('a service that cannot reach what it needs is not started, and both are named', async () => {
  const shop = ShopProcess.spawn({ env: { SEAM_SERVICES: 'orders,users,products' } });
  expect(await shop.exited).toBe(1);
  expect(shop.output).toMatch(/orders needs inventory, payments, notifications/);
});

test.each(['embedded', 'outside'])('a stop during work logs no failure: %s server', async (where) => {
  const server = where === 'outside' ? await startTestServer() : undefined;
  const env = { SEAM_LOG: 'warn', ...(server === undefined ? {} : { DATABASE_URL: server.url('postgres') }) };
  const shop = await ShopProcess.start({ env });
  const customer = await new Api(shop.url).customer();
  const printed = shop.output.length;
  const asked = Array.from({ length: 24 }, (_, n) =>
    n % 2 === 0 ? customer.order('tok_visa', [{ sku: 'MUG-BLUE', quantity: 1 }]) : customer.get('/api/orders'),
  );
  const answers = Promise.allSettled(asked);
  await asked[0];
  expect(await shop.stop()).toBe(0);
  await answers;
  expect(shop.output.slice(printed)).toBe('');
  await server?.stop();
});

test('the start and the stop of a shop print no warning of Node or of a driver', async () => {
  const shop = await ShopProcess.start({ env: { SEAM_LOG: 'warn' } });
  expect(await shop.stop()).toBe(0);
  expect(shop.output).not.toMatch(/warning/i);
});
