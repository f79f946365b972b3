import { benchEventStore } from './event-store.js';
import { compare, load } from './measure.js';
import { PlainOrders } from './plain-orders.js';
import { BenchShop } from './shop.js';

/** Connections of the floor, which has one for each order in flight: the server allows 200, and the shop needs some. */
const MAX_CONNECTIONS = 128;
const MARKS = [
  { inFlight: 32, mark: 1.5 },
  { inFlight: 128, mark: 3.5 },
  { inFlight: 512, mark: 4 },
];

async function ordersInFlight(
  shop: BenchShop,
  { inFlight, mark }: { inFlight: number; mark: number },
  orders: number,
  rounds: number,
): Promise<void> {
  const plain = await PlainOrders.create(await shop.databaseUrl('users'), Math.min(inFlight, MAX_CONNECTIONS));
  await compare({
    title: `Orders, from the command to confirmed, ${inFlight} in flight`,
    mark,
    rounds,
    ours: { name: 'Seam', run: () => load(orders, inFlight, (index) => shop.order(index)) },
    floor: { name: 'five plain transactions', run: () => load(orders, inFlight, (index) => plain.order(index)) },
  });
  await plain.close();
}

export async function benchOrders(orders: number, rounds: number): Promise<void> {
  const shop = await BenchShop.start();
  for (const load of MARKS) await ordersInFlight(shop, load, orders, rounds);
  await shop.stop();
}

/** On a shop's own server. */
export async function benchEvents(rounds: number): Promise<void> {
  const shop = await BenchShop.start();
  await benchEventStore(await shop.databaseUrl('bench'), { inFlight: 32, rounds });
  await shop.stop();
}
