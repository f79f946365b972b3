// The order's five transactions as a workflow of DBOS Transact, each a step whose progress is recorded in the
// transaction that does its work. Runs in the folder its packages were installed in, as a child of `bench/dbos.ts`.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { KnexDataSource } from '@dbos-inc/knex-datasource';
import { randomUUID } from 'node:crypto';

const { BENCH_URL, BENCH_DBOS_URL, BENCH_SKUS } = process.env;
const skus = JSON.parse(BENCH_SKUS);
const connections = 20;
const knex = { client: 'pg', connection: BENCH_URL, pool: { min: 2, max: connections } };

await KnexDataSource.initializeDBOSSchema(knex);
const source = new KnexDataSource('bench', knex);
const write = (name, text, values) => source.runTransaction(() => KnexDataSource.client.raw(text, values), { name });

const order = DBOS.registerWorkflow(
  async (id, sku) => {
    const body = JSON.stringify({ items: [{ sku, quantity: 1 }] });
    await write('place', 'insert into plain.orders values (?, ?, ?, ?, now())', [id, 'bench', 'pending', body]);
    const reserve =
      'update plain.stock set available = available - 1, reserved = reserved + 1 where sku = ? and available >= 1';
    await write('reserve', reserve, [sku]);
    await write('pay', 'insert into plain.payments values (?, ?, ?, ?)', [id, 1299, 'EUR', 'captured']);
    await write('confirm', 'update plain.orders set status = ? where id = ?', ['confirmed', id]);
    await write('notify', 'insert into plain.notifications values (?, ?, ?)', [randomUUID(), id, 'order-confirmed']);
  },
  { name: 'order' },
);
DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: BENCH_DBOS_URL,
  systemDatabasePoolSize: connections,
  runAdminServer: false,
  logLevel: 'error',
});
await DBOS.launch();

async function run({ orders, inFlight }) {
  const latencies = [];
  let next = 0;
  const startedAt = performance.now();
  const one = async () => {
    while (next < orders) {
      const from = performance.now();
      await order(randomUUID(), skus[next++ % skus.length]);
      latencies.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return { seconds: (performance.now() - startedAt) / 1_000, latencies };
}

process.on('message', (work) => {
  run(work).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send({ ready: true });
