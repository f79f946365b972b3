import {
  EventTables1760000001000,
  PostgresEventStore,
  Projector,
  ReadModelTables1760000020000,
} from '@seam/event-sourcing';
import { newId } from '@seam/kernel';
import { Database, type EmbeddedPostgres, type MigrationClass } from '@seam/persistence';
import { createTestDatabase, startTestServer } from '../../../../libs/persistence/src/testing/index.js';
import { OrderSearch1764200100000 } from '../migrations/order-search.js';
import { OrdersTables1760000010000 } from '../migrations/orders-tables.js';
import type { OrderEvent } from '../domain/order.js';
import { describeOrderFinder } from '../ports/order-finder.suite.js';
import { cancellationRequested, placed } from '../testing/an-order.js';
import { orderView, PostgresOrderFinder } from './postgres-order-finder.js';

const before: MigrationClass[] = [EventTables1760000001000, ReadModelTables1760000020000, OrdersTables1760000010000];
const migrations = [...before, OrderSearch1764200100000];

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  database = await Database.open({ name: 'test', url: await createTestDatabase(server, 'order_finder'), migrations });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

describeOrderFinder('PostgreSQL', () =>
  Promise.resolve({
    finder: new PostgresOrderFinder(database),
    store: new PostgresEventStore(database.pool),
    projector: new Projector(database, orderView()),
  }),
);

describe('the list of orders of the version before', () => {
  it('can be searched as it is, and shows what is being cancelled', async () => {
    const url = await createTestDatabase(server, 'order_finder_before');
    const old = await Database.open({ name: 'before', url, migrations: before });
    const [pending, cancelling] = [newId(), newId()];
    for (const [id, ...more] of [[pending], [cancelling, cancellationRequested]] as [string, ...OrderEvent[]][]) {
      const events = [{ ...placed, data: { ...placed.data, orderId: id } }, ...more];
      await new PostgresEventStore(old.pool).append([{ stream: `order-${id}`, expectedVersion: 0, events }]);
    }
    await new Projector(old, orderView()).catchUp();
    await old.query(`update order_view set status = state->>'status'`);
    await old.close();

    const migrated = await Database.open({ name: 'after', url, migrations });
    try {
      const finder = new PostgresOrderFinder(migrated);
      const ids = async (query: object): Promise<string[]> =>
        (await finder.list({ limit: 10, ...query })).map(({ id }) => id).sort();
      expect(await ids({ sku: 'TEA-ASSAM', minAmount: 3488, currency: 'EUR' })).toEqual([pending, cancelling].sort());
      expect(await ids({ status: 'cancelling', sku: 'MUG-BLUE' })).toEqual([cancelling]);
      expect(await ids({ sku: 'NONE' })).toEqual([]);
    } finally {
      await migrated.close();
    }
  });
});
