import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { FreshLoad, type FreshRequest } from '../support/fresh-load.js';
import { freePort, freeRange } from '../support/free-port.js';
import { OuterBalancer } from '../support/outer-balancer.js';
import { ReadLoad } from '../support/read-load.js';
import { ShopProcess } from '../support/shop-process.js';

const STOPS = 6;
const LEAVE_MS = 1_000;
/** For a signal to reach the process. */
const SIGNAL_MS = 50;

/** Simulates every service, sometimes as slow as a real one. */
async function services(): Promise<Server> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    setTimeout(() => response.end('{}'), asked % 5 === 0 ? 300 : 2);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return server;
}

const between = (seen: readonly FreshRequest[], from: number, to: number): FreshRequest[] =>
  seen.filter(({ at }) => at >= from && at < to);

test('the gateway stops repeatedly under a load of new connections: it answers all for the configured time, and resets none', async () => {
  const upstream = await services();
  const peer = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const port = await freePort();
  const env = { PORT: String(port), SEAM_PEERS: `products=${peer},users=${peer}`, SEAM_LEAVE_S: '1' };
  const load = new FreshLoad(`http://127.0.0.1:${port}/api/products`, 8);
  for (let stop = 0; stop < STOPS; stop += 1) {
    const gateway = await ShopProcess.start({ app: 'gateway', env });
    const up = Date.now();
    await pause(200);
    const signalledAt = Date.now();
    expect(await gateway.stop()).toBe(0);
    const answered = between(load.seen, up, signalledAt + LEAVE_MS);
    expect(new Set(answered.map(({ outcome }) => outcome))).toEqual(new Set([200]));
    const leaving = between(answered, signalledAt + SIGNAL_MS, signalledAt + LEAVE_MS);
    expect(leaving.length).toBeGreaterThan(20);
    expect(new Set(leaving.map(({ connection }) => connection))).toEqual(new Set(['close']));
  }
  await load.stop();
  expect(new Set(load.seen.map(({ outcome }) => outcome))).toEqual(new Set([200, 'ECONNREFUSED']));
  upstream.close();
}, 180_000);

test('two gateways behind a balancer are replaced, one after the other: no request fails', async () => {
  const upstream = await services();
  const peer = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const first = await freeRange(3);
  const gatewayOn = (port: number): Promise<ShopProcess> => {
    const env = { PORT: String(port), SEAM_PEERS: `products=${peer},users=${peer}`, SEAM_LEAVE_S: '3' };
    return ShopProcess.start({ app: 'gateway', env });
  };
  let gateways = await Promise.all([gatewayOn(first), gatewayOn(first + 1)]);
  const balancer = await OuterBalancer.start([first, first + 1, first + 2]);
  const fresh = new FreshLoad(`${balancer.url}/api/products`, 6);
  const kept = new ReadLoad(balancer.url, 4);
  for (const port of [first + 2, first]) {
    const [old, other] = gateways;
    gateways = [other, await gatewayOn(port)];
    expect(await old.stop()).toBe(0);
  }
  await Promise.all([fresh.stop(), kept.stop()]);
  await balancer.stop();
  expect(await Promise.all(gateways.map((gateway) => gateway.stop()))).toEqual([0, 0]);
  expect(kept.failures).toEqual([]);
  expect(fresh.seen.length).toBeGreaterThan(100);
  expect(fresh.seen.filter(({ outcome }) => outcome !== 200)).toEqual([]);
  upstream.close();
}, 180_000);
