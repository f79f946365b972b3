import { parseArgs } from 'node:util';
import { benchEventStore } from './event-store.js';
import { compare, load, print } from './measure.js';
import { PlainOrders } from './plain-orders.js';
import { BenchShop } from './shop.js';

const HELP = `npm run bench -- [--orders N] [--rounds N] [--only orders|events]

Measures on an embedded server of its own, each figure beside its floor in the same run:
  orders   orders per second from the command to confirmed, at 32 and at 128 in flight,
           beside the same order's five transactions in plain pg
  events   appends and reads of the event store, beside plain inserts and selects

  --orders N   orders of one round (3000)
  --rounds N   rounds of each comparison; medians are printed (5)
`;

interface Arguments {
  readonly orders: number;
  readonly rounds: number;
  readonly only: string | undefined;
}

function readArguments(): Arguments | undefined {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '3000' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [orders, rounds] = [Number(values.orders), Number(values.rounds)];
  const whole = Number.isInteger(orders) && orders > 0 && Number.isInteger(rounds) && rounds > 0;
  const known = values.only === undefined || ['orders', 'events'].includes(values.only);
  return values.help === true || !whole || !known ? undefined : { orders, rounds, only: values.only };
}

async function benchOrders(shop: BenchShop, inFlight: number, mark: number, o: Arguments): Promise<void> {
  const plain = await PlainOrders.create(await shop.databaseUrl('users'), inFlight);
  await compare({
    title: `Orders, from the command to confirmed, ${inFlight} in flight`,
    mark,
    rounds: o.rounds,
    ours: { name: 'Seam', run: () => load(o.orders, inFlight, (index) => shop.order(index)) },
    floor: { name: 'five plain transactions', run: () => load(o.orders, inFlight, (index) => plain.order(index)) },
  });
  await plain.close();
}

const chosen = readArguments();
if (chosen === undefined) {
  print(HELP);
} else {
  const shop = await BenchShop.start();
  if (chosen.only !== 'events') {
    await benchOrders(shop, 32, 1, chosen);
    await benchOrders(shop, 128, 1, chosen);
  }
  if (chosen.only !== 'orders')
    await benchEventStore(await shop.databaseUrl('bench'), { inFlight: 32, rounds: chosen.rounds });
  await shop.stop();
}
