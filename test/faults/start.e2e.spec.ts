import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Api } from '../support/api.js';
import { eventually } from '@seam/testing';
import { dataDirectory, ShopProcess } from '../support/shop-process.js';

test('a second shop on the same data refuses to start, says why, and leaves the first alone', async () => {
  const first = await ShopProcess.start();
  const second = ShopProcess.spawn({ data: first.data });
  expect(await second.exited).toBe(1);
  expect(second.output).toContain(first.data);
  expect(second.output).toMatch(/in use|already/i);
  expect(second.output).not.toContain('    at ');
  expect((await new Api(first.url).get('/health/ready')).status).toBe(200);
  expect(await first.stop()).toBe(0);
});

test('a port that is taken is a clear error, and no PostgreSQL stays behind', async () => {
  const other = createServer().listen(0);
  const { port } = other.address() as AddressInfo;
  const data = dataDirectory();
  const shop = ShopProcess.spawn({ data, env: { PORT: String(port) } });
  expect(await shop.exited).toBe(1);
  expect(shop.output).toContain(`PORT ${port} is taken`);
  expect(shop.output).not.toContain('    at ');
  other.close();
  const again = await ShopProcess.start({ data });
  expect(await again.stop()).toBe(0);
});

test('a shop that its npm cannot tell to stop any more stops by itself, PostgreSQL included', async () => {
  const shop = await ShopProcess.start({ shell: true, env: { npm_lifecycle_event: 'start' } });
  expect(await shop.stop('SIGKILL')).toBe('SIGKILL');
  await eventually(() => expect(existsSync(join(shop.data, 'postgres', 'postmaster.pid'))).toBe(false));
  await expect(fetch(`${shop.url}/health/live`)).rejects.toThrow();
});

test('bad settings are named, all at once, with what they may be', async () => {
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
