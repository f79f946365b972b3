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
  await pause(QUIET_MS);
  const { text: atStart } = await memoryOf(shop);
  print(`\nMemory of the whole shop, orders over HTTP, ${IN_FLIGHT} in flight\n  at the start ${atStart}`);
  const resident: number[] = [];
  let placed = 0;
  for (const stage of STAGES) {
    while (placed < stage) {
      await shop.logIn();
      await load(ORDERS_PER_TOKEN, IN_FLIGHT, (index) => shop.placed(index));
      placed += ORDERS_PER_TOKEN;
    }
    await shop.confirmed(before + placed);
    const { text } = await memoryOf(shop);
    await pause(QUIET_MS);
    const quiet = await memoryOf(shop);
    resident.push(quiet.residentMb);
    print(`  after ${placed} orders ${text}\n    after ${QUIET_MS / 1_000} quiet seconds ${quiet.text}`);
  }
  const [first = NaN, last = NaN] = resident;
  print(`  ratio: ${(last / first).toFixed(2)}; the marks are 400 MB and 1.1`);
  await shop.stop();
}

/** The used heap is the objects in use and the garbage that was not collected yet. */
async function memoryOf(shop: ShopProcess): Promise<{ residentMb: number; text: string }> {
  const { rss, heapTotal, heapUsed, external } = (await shop.state()).memory;
  const parts = `heap ${megabytes(heapTotal)}, of it used ${megabytes(heapUsed)}; external ${megabytes(external)}`;
  return { residentMb: megabytes(rss), text: `${megabytes(rss)} MB (${parts})` };
}

const megabytes = (bytes: number): number => Math.round(bytes / 1024 ** 2);
