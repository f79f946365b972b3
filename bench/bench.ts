import { parseArgs } from 'node:util';
import { benchCost } from './cost.js';
import { withEngine } from './engines.js';
import { benchGateway } from './gateway.js';
import { print } from './measure.js';
import { benchMessages } from './messages.js';
import { benchEvents, benchOrders } from './orders.js';
import { benchReservations } from './reservations.js';

interface Bench {
  readonly what: string;
  run(count: number, rounds: number): Promise<void>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  orders: {
    what: `orders per second from the command to confirmed, at 32 and at 128 in flight,
                 beside the same order's five transactions in plain pg`,
    run: benchOrders,
  },
  cost: {
    what: `what one order costs at 32 and at 128 in flight: processor time of Node and of PostgreSQL, garbage
                 collection, WAL, statements by the time they take (Linux)`,
    run: benchCost,
  },
  events: {
    what: 'appends and reads of the event store, beside plain inserts and selects',
    run: (_, rounds) => benchEvents(rounds),
  },
  messages: {
    what: 'round trips over RabbitMQ, beside plain @nestjs/microservices and raw amqplib',
    run: (count, rounds) => withEngine('rabbitmq', (url) => benchMessages(url, count, rounds)),
  },
  reservations: {
    what: 'reservations per second of one hot SKU on Redis, beside a bare EVALSHA',
    run: (count, rounds) => withEngine('redis', (url) => benchReservations(url, 10 * count, rounds)),
  },
  gateway: {
    what: 'requests per second through the gateway, beside @fastify/http-proxy and the service alone',
    run: (count, rounds) => benchGateway(2 * count, rounds),
  },
};

const HELP = `npm run bench -- [--only NAME] [--count N] [--rounds N]

Each figure stands beside its floor, measured in turn with it on the same servers:
${Object.entries(BENCHES)
  .map(([name, { what }]) => `  ${name.padEnd(14)} ${what}`)
  .join('\n')}

  --only NAME    one of them
  --count N      orders, messages or requests of one round (3000)
  --rounds N     rounds of each comparison; medians are printed (5)
`;

function readArguments(): { count: number; rounds: number; only: string | undefined } | undefined {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '3000' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [count, rounds] = [Number(values.count), Number(values.rounds)];
  const whole = Number.isInteger(count) && count > 0 && Number.isInteger(rounds) && rounds > 0;
  const known = values.only === undefined || values.only in BENCHES;
  return values.help === true || !whole || !known ? undefined : { count, rounds, only: values.only };
}

const chosen = readArguments();
if (chosen === undefined) print(HELP);
else
  for (const [name, bench] of Object.entries(BENCHES))
    if (chosen.only === undefined || chosen.only === name) await bench.run(chosen.count, chosen.rounds);
