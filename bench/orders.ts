import { benchEventStore } from './event-store.js';
import { compare, load } from './measure.js';
import { PlainOrders } from './plain-orders.js';
import { BenchShop } from './shop.js';

async function ordersInFlight(shop: BenchShop, inFlight: number, orders: number, rounds: number): Promise<void> {
  const plain = await PlainOrders.create(await shop.databaseUrl('users'), inFlight);
  await compare({
    title: `Orders, from the command to confirmed, ${inFlight} in flight`,
    mark: 1,
    rounds,
    ours: { name: 'Seam', run: () => load(orders, inFlight, (index) => shop.order(index)) },
    floor: { name: 'five plain transactions', run: () => load(orders, inFlight, (index) => plain.order(index)) },
  });
  await plain.close();
}

export async function benchOrders(orders: number, rounds: number): Promise<void> {
  const shop = await BenchShop.start();
  await ordersInFlight(shop, 32, orders, rounds);
  await ordersInFlight(shop, 128, orders, rounds);
  await shop.stop();
}

/** On a shop's own server. */
export async function benchEvents(rounds: number): Promise<void> {
  const shop = await BenchShop.start();
  await benchEventStore(await shop.databaseUrl('bench'), { inFlight: 32, rounds });
  await shop.stop();
}
