import type pg from 'pg';
import { counting, costOf } from './cost.js';
import { load, print } from './measure.js';

const IN_FLIGHT = 32;
/** While the shop is filled, when only the number of orders matters. */
const FILLING = 512;
const FEW = 1_000;
const MANY = 1_000_000;
const STEP = 100_000;

/** The cost of an order with 1,000 and with 1,000,000 stored orders, and the bytes that a stored order takes. */
export function benchGrowth(orders: number): Promise<void> {
  return counting(async (shop, client) => {
    await load(FEW, FILLING, (index) => shop.order(index));
    print(`\n${FEW} orders stored`);
    const before = await costOf(shop, client, { orders, inFlight: IN_FLIGHT });
    const bytes = await databaseBytes(client);
    const stored = FEW + orders;
    for (let now = stored; now < MANY; now += STEP) {
      const { perSecond } = await load(Math.min(STEP, MANY - now), FILLING, (index) => shop.order(index));
      print(`  ${Math.min(now + STEP, MANY)} orders, ${perSecond.toFixed(0)}/s`);
    }
    const each = ((await databaseBytes(client)) - bytes) / (MANY - stored) / 1024;
    print(`\n${MANY} orders stored, ${each.toFixed(1)} kB each; the mark is 4 kB`);
    const after = await costOf(shop, client, { orders, inFlight: IN_FLIGHT });
    const ratio = after.cpuMs / before.cpuMs;
    print(`  ratio: ${ratio.toFixed(2)} of the processor time with ${FEW} orders; the mark is 1.2`);
  });
}

/** Of all databases, after the server has freed the space that it can free. */
async function databaseBytes(client: pg.Client): Promise<number> {
  await client.query('checkpoint');
  const { rows } = await client.query<{ bytes: number }>(
    'select sum(pg_database_size(oid))::float8 as bytes from pg_database',
  );
  return rows[0]?.bytes ?? NaN;
}
