import { setTimeout as pause } from 'node:timers/promises';
import { load, print } from './measure.js';
import { ShopProcess } from './shop-process.js';

const IN_FLIGHT = 32;
const STAGES = [20_000, 100_000];
/** A token lives for 15 minutes. */
const ORDERS_PER_TOKEN = 20_000;
const QUIET_MS = 10_000;

/** Resident memory of the whole shop's process after 20,000 and after 100,000 orders over HTTP. */
export async function benchMemory(): Promise<void> {
  const shop = await ShopProcess.start();
  const before = (await shop.state()).confirmed;
  print(
    `\nMemory of the whole shop, orders over HTTP, ${IN_FLIGHT} in flight\n  at the start ${await residentMb(shop)} MB`,
  );
  const resident: number[] = [];
  let placed = 0;
  for (const stage of STAGES) {
    while (placed < stage) {
      await shop.logIn();
      await load(ORDERS_PER_TOKEN, IN_FLIGHT, (index) => shop.placed(index));
      placed += ORDERS_PER_TOKEN;
    }
    await shop.confirmed(before + placed);
    const under = await residentMb(shop);
    await pause(QUIET_MS);
    resident.push(await residentMb(shop));
    print(`  after ${placed} orders ${under} MB, after ${QUIET_MS / 1_000} quiet seconds ${resident.at(-1) ?? NaN} MB`);
  }
  const [first = NaN, last = NaN] = resident;
  print(`  ratio: ${(last / first).toFixed(2)}; the marks are 400 MB and 1.1`);
  await shop.stop();
}

const residentMb = async (shop: ShopProcess): Promise<number> => Math.round((await shop.state()).resident / 1024 ** 2);
