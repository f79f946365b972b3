import { eventually } from '@seam/testing';
import { Api } from './api.js';
import { allKept } from './checker.js';
import type { ComposeShop } from './compose-shop.js';
import { OrderLoad, type OrderLoadOptions } from './order-load.js';
import { STAFF } from './shop-process.js';

/** The number of orders in flight while something fails. */
const IN_FLIGHT = 24;
/** An outage is two lines and a count, however many requests and messages it affects. */
const MAX_LINES = 60;

export interface FaultRun {
  /** The load that continues during the fault. */
  readonly load: OrderLoad;
}

/**
 * Causes a fault in a shop in containers with orders in flight, and checks the guarantees: orders are accepted
 * again when it is over, every accepted one ends, every invariant holds over all stores, no message became a dead
 * letter, no service exceeded its memory limit, and none filled its log with the same line.
 *
 * @param fault causes the fault, and ends it; resolves when it is over
 */
export async function faultRun(
  shop: ComposeShop,
  how: Pick<OrderLoadOptions, 'flood'>,
  fault: (run: FaultRun) => Promise<void>,
): Promise<void> {
  const staff = await new Api(shop.url).login(STAFF);
  for (const sku of OrderLoad.skus) await staff.post(`/api/inventory/${sku}/receipts`, { quantity: 100_000 });
  const startedAt = new Date();
  const load = await OrderLoad.start(shop.url, { inFlight: IN_FLIGHT, ...how });
  try {
    await moreAccepted(load);
    await fault({ load });
    await moreAccepted(load);
  } finally {
    await load.stop();
  }
  const stores = await shop.stores();
  await allKept(() => stores, load.accepted, 300_000);
  const memory = await shop.memory();
  expect(memory.filter(({ killed, peak, limit }) => killed || peak === 0 || peak >= limit)).toEqual([]);
  const logged = await shop.logged(startedAt);
  expect(logged.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
}

async function moreAccepted(load: OrderLoad): Promise<void> {
  const before = load.accepted.length;
  await eventually(() => expect(load.accepted.length).toBeGreaterThan(before + 20), { withinMs: 60_000 });
}
