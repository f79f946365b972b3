import { parseArgs } from 'node:util';
import { benchBuses } from './buses.js';
import { chooseProvider, isProvider, type Provider } from './composition.js';
import { benchCost } from './cost.js';
import { benchDbos } from './dbos.js';
import { withEngine } from './engines.js';
import { benchGateway } from './gateway.js';
import { benchGrowth } from './growth.js';
import { benchHttpOrders } from './http-orders.js';
import { print } from './measure.js';
import { benchMemory } from './memory.js';
import { benchMessages } from './messages.js';
import { benchEvents, benchOrders } from './orders.js';
import { benchRebuild } from './rebuild.js';
import { benchRecords } from './records.js';
import { benchReservations } from './reservations.js';
import { benchSnapshots } from './snapshots.js';

interface Bench {
  readonly what: string;
  /** Runs only if it is selected by its name. */
  readonly onDemand?: boolean;
  run(count: number, rounds: number): Promise<void>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  orders: {
    what: `orders per second from the command to confirmed, at 32, 128 and 512 in flight,
                 compared with the same order's five transactions in plain pg`,
    run: benchOrders,
  },
  http: {
    what: `the same by POST /api/orders with a token, 32 in flight; the acceptance at half the peak; overload`,
    run: benchHttpOrders,
  },
  cost: {
    what: `the cost of one order at 32 and at 128 in flight: processor time of Node and of PostgreSQL, garbage
                 collection, WAL, statements by the time they take (Linux)`,
    run: benchCost,
  },
  buses: {
    what: `the time that the command and query buses add to a call of a handler, and their share of an order's processor time`,
    run: benchBuses,
  },
  events: {
    what: 'appends and reads of the event store, compared with plain inserts and selects',
    run: (_, rounds) => benchEvents(rounds),
  },
  snapshots: {
    what: 'loads of an aggregate of 1,000 events with a snapshot, compared with one of 10 events, and without the snapshot',
    run: benchSnapshots,
  },
  messages: {
    what: 'round trips over RabbitMQ, compared with plain @nestjs/microservices and raw amqplib',
    run: (count, rounds) => withEngine('rabbitmq', (url) => benchMessages(url, count, rounds)),
  },
  reservations: {
    what: 'reservations per second of one hot SKU on Redis, compared with a plain EVALSHA',
    run: (count, rounds) => withEngine('redis', (url) => benchReservations(url, 10 * count, rounds)),
  },
  gateway: {
    what: 'requests per second through the gateway, compared with @fastify/http-proxy and the service alone',
    run: (count, rounds) => benchGateway(2 * count, rounds),
  },
  records: {
    what: `the cost of a plain record with TypeORM's repositories and with plain statements: processor time of Node and
                 of PostgreSQL, for a read and for a change with its message (Linux)`,
    run: benchRecords,
    onDemand: true,
  },
  rebuild: {
    what: 'events per second of a rebuild of the list of orders from 200,000 events, on PostgreSQL and on MongoDB',
    run: benchRebuild,
    onDemand: true,
  },
  dbos: {
    what: 'orders at 32 and at 128 in flight, compared with DBOS Transact, which is installed from npm',
    run: benchDbos,
    onDemand: true,
  },
  memory: {
    what: 'resident memory of the whole shop after 20,000 and 100,000 orders over HTTP: minutes',
    run: benchMemory,
    onDemand: true,
  },
  growth: {
    what: `cost and size of an order with 1,000 and with 1,000,000 stored: a quarter of an hour, some GB (Linux)`,
    run: benchGrowth,
    onDemand: true,
  },
};

const HELP = `npm run bench -- [--only NAME] [--count N] [--rounds N] [--provider NAME]

Each figure is printed with its floor, which is measured alternately on the same servers:
${Object.entries(BENCHES)
  .map(([name, { what, onDemand }]) => `  ${name.padEnd(14)} ${what}${onDemand === true ? ' *' : ''}`)
  .join('\n')}

  * only with --only

  --only NAME    one of them
  --count N      orders, messages or requests of one round (3000)
  --rounds N     rounds of each comparison; medians are printed (5)
  --provider NAME
                 the payment provider: memory (answers at once, as the real one uses another company's computers), or
                 ledger, the shop's fake provider, whose ledger is in the database of payments (memory)
`;

interface Arguments {
  readonly count: number;
  readonly rounds: number;
  readonly only: string | undefined;
  readonly provider: Provider;
}

function readArguments(): Arguments | undefined {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '3000' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      provider: { type: 'string', default: 'memory' },
      help: { type: 'boolean' },
    },
  });
  const [count, rounds] = [Number(values.count), Number(values.rounds)];
  const whole = Number.isInteger(count) && count > 0 && Number.isInteger(rounds) && rounds > 0;
  const known = values.only === undefined || values.only in BENCHES;
  const { only, provider } = values;
  return values.help === true || !whole || !known || !isProvider(provider)
    ? undefined
    : { count, rounds, only, provider };
}

const chosen = readArguments();
if (chosen === undefined) print(HELP);
else {
  chooseProvider(chosen.provider);
  print(`Payments are taken by: ${chosen.provider}`);
  for (const [name, bench] of Object.entries(BENCHES))
    if (chosen.only === undefined ? bench.onDemand !== true : chosen.only === name)
      await bench.run(chosen.count, chosen.rounds);
}
