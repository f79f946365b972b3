import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { startTestServer } from '@seam/persistence/testing';
import { describeStock } from '../ports/stock.suite.js';
import { line, release, reserve, StockDriver, upTo } from '../ports/stock-suite/driver.js';
import { type InventoryProcesses, inventoryProcesses } from '../testing/inventory-processes.js';

let server: EmbeddedPostgres;
let inventory: InventoryProcesses;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  inventory = await inventoryProcesses(server);
});
afterEach(() => inventory.close());
afterAll(() => server.stop());

describeStock('PostgreSQL', () => Promise.resolve(inventory.processes));

describe('PostgresStock', () => {
  /** Resolves when a statement waits for a lock. */
  const someoneWaits = async (): Promise<void> => {
    const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await inventory.database.query(waiting)).length === 0);
  };

  it('releases the pieces that an order has reserved while its release waited for the stock', async () => {
    const driver = new StockDriver(inventory.processes);
    await driver.have('A', 5);
    await driver.have('B', 5);
    let together: Promise<unknown> = Promise.resolve();
    await inventory.database.transaction(async (client) => {
      await client.query(`select 1 from stock where sku = 'B' for update`);
      // One batch: it has read that o1 has no reservation, and waits for B.
      together = Promise.all([driver.commit(release('o1')), driver.commit(reserve('o2', line('B')))]);
      await someoneWaits();
      await driver.commit(reserve('o1', line('A', 3)), 1);
    });
    await together;
    expect(await driver.levels('A')).toEqual({ available: 5, reserved: 0, sold: 0 });
    expect(await driver.levels('B')).toEqual({ available: 4, reserved: 1, sold: 0 });
  });

  it('does not deadlock if orders of two processes name the same SKUs in different orders', async () => {
    const crossing = await inventoryProcesses(server, 1);
    const driver = new StockDriver(crossing.processes);
    const skus = ['A', 'B', 'C', 'D'];
    for (const sku of skus) await driver.have(sku, 1_000);
    const lines = skus.map((sku) => line(sku));
    await driver.commitAll(upTo(300).map((i) => reserve(`o${i}`, ...(i % 2 === 0 ? lines : lines.toReversed()))));
    const [name] = await crossing.database.query<{ name: string }>('select current_database() as name');
    await crossing.close();
    expect(await deadlocksIn(name?.name)).toBe(0);
  });

  /** Connections report their statistics when they end: those of 300 commits come from both processes. */
  const deadlocksIn = async (database: string | undefined): Promise<unknown> => {
    const statistics = 'select deadlocks::int from pg_stat_database where datname = $1 and xact_commit >= 300';
    for (;;) {
      const [row] = await inventory.database.query<{ deadlocks: number }>(statistics, [database]);
      if (row !== undefined) return row.deadlocks;
    }
  };
});
