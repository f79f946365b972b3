import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { ComposeShop, missingEngines } from '../support/compose-shop.js';
import { faultRun } from '../support/fault-run.js';
import { FreshLoad } from '../support/fresh-load.js';
import { ReadLoad } from '../support/read-load.js';

/** The first build of the image installs its packages. */
jest.setTimeout(900_000);

const REPLACED = ['users', 'products', 'orders', 'inventory', 'payments', 'notifications', 'analytics'];
/** The time to detect a frozen replica on a busy machine; a time limit alone would be 10 s. */
const STALL_MS = 2_500;

const run = promisify(execFile);
const missing = missingEngines();

/** The number of each failure. */
function counted(failures: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const failure of failures) counts[failure] = (counts[failure] ?? 0) + 1;
  return counts;
}

if (missing.length > 0) {
  test.skip(`replicas that come and go: no Docker, or no image of ${missing.join(', ')}`, () => undefined);
} else {
  describe('replicas in containers, with orders in flight', () => {
    let shop: ComposeShop;

    beforeAll(async () => {
      shop = await ComposeShop.up({ engines: true });
    });

    afterAll(async () => {
      await shop.down();
    });

    const scale = (orders: number): Promise<string> =>
      shop.compose('up', '-d', '--wait', '--scale', `orders=${orders}`);

    test('orders is scaled up and down: no request fails, and no other container is touched', async () => {
      await faultRun(shop, {}, async ({ load }) => {
        const before = await shop.containers();
        await scale(3);
        expect(await shop.containers()).toEqual(expect.arrayContaining(before));
        expect(await shop.containers('orders')).toHaveLength(3);
        await scale(1);
        expect((await shop.containers()).sort()).toEqual(before.sort());
        expect(counted(load.failures)).toEqual({});
      });
    });

    test('every service is replaced, one after the other: no request fails', async () => {
      await faultRun(shop, {}, async ({ load }) => {
        const before = await shop.containers(...REPLACED);
        const reads = new ReadLoad(shop.url, 4);
        await shop.rollOut(...REPLACED);
        await reads.stop();
        const after = await shop.containers(...REPLACED);
        expect(after).toHaveLength(before.length);
        expect(after.filter((id) => before.includes(id))).toEqual([]);
        expect(counted([...load.failures, ...reads.failures])).toEqual({});
      });
    });

    test('a replica that is frozen, or cut off, stalls no reader for longer than the detection takes', async () => {
      await scale(2);
      const [, second] = await shop.containers('orders');
      const network = `${shop.project}_default`;
      const reads = new ReadLoad(shop.url, 8, '/api/orders', 401);
      await faultRun(shop, {}, async () => {
        await run('docker', ['pause', second!]);
        await pause(5_000);
        await run('docker', ['unpause', second!]);
        await pause(1_000);
        await run('docker', ['network', 'disconnect', network, second!]);
        await pause(5_000);
        await run('docker', ['network', 'connect', '--alias', 'orders', network, second!]);
      });
      await reads.stop();
      expect(counted(reads.failures)).toEqual({});
      expect(reads.longestMs).toBeLessThan(STALL_MS);
      await scale(1);
    });

    test('two gateways behind a balancer are replaced, one after the other: no request fails', async () => {
      await shop.withTwoGateways();
      await faultRun(shop, {}, async ({ load }) => {
        const before = await shop.containers('gateway');
        const reads = new ReadLoad(shop.url, 4);
        const fresh = new FreshLoad(`${shop.url}/api/products`, 4);
        await shop.rollOut('gateway');
        await Promise.all([reads.stop(), fresh.stop()]);
        const after = await shop.containers('gateway');
        expect(after).toHaveLength(2);
        expect(after.filter((id) => before.includes(id))).toEqual([]);
        expect(counted([...load.failures, ...reads.failures])).toEqual({});
        expect(counted(fresh.seen.map(({ outcome }) => String(outcome)))).toEqual({ 200: fresh.seen.length });
      });
    });
  });
}
