import { openDiscovery } from '@seam/discovery';
import { canStart, ownEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { networkInterfaces } from 'node:os';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startGateway } from '../testing/gateway-rig.js';

/** The address at which a container can reach this machine. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

async function listening(answer: string): Promise<{ url: string; end: () => Promise<unknown> }> {
  const server = createServer((_, response) => response.end(answer));
  await new Promise<void>((resolve) => void server.listen(0, resolve));
  const end = (): Promise<unknown> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    return closed;
  };
  return { url: `http://${address}:${(server.address() as AddressInfo).port}`, end };
}

(canStart('consul') ? it : it.skip)('follows Consul: instances come and go, and stay while it is away', async () => {
  const consul = await ownEngine('consul');
  const gateway = await startGateway(undefined, {}, { CONSUL_URL: consul.url, SEAM_ADVERTISE: `http://${address}:1` });
  const get = async (): Promise<string> => (await fetch(`${gateway.url}/api/orders`)).text();
  expect(await get()).toContain('GATEWAY.SERVICE_AWAY');

  const options = { consulUrl: consul.url, waitMs: 10_000, log: (): void => undefined };
  const [first, second] = [await openDiscovery(options), await openDiscovery(options)];
  const [one, two] = [await listening('one'), await listening('two')];
  await first.register(['orders'], one.url);
  await eventually(async () => expect(await get()).toBe('one'));
  await second.register(['orders'], two.url);
  await eventually(async () => expect(await get()).toBe('two'));

  await first.close();
  await one.end();
  await eventually(async () => {
    for (let n = 0; n < 10; n += 1) expect(await get()).toBe('two');
  });

  await consul.kill();
  const readiness = async (): Promise<unknown> => (await fetch(`${gateway.url}/health/ready`)).json();
  await eventually(async () => expect(JSON.stringify(await readiness())).toContain('no answer since'));
  expect(await get()).toBe('two');

  await second.close();
  await gateway.close();
  await two.end();
  await consul.remove();
});
