import { EventTables1760000001000, PostgresEventStore, Projector } from '@seam/event-sourcing';
import { Database, type EmbeddedPostgres } from '@seam/persistence';
import { createTestDatabase, startTestServer } from '../../../../libs/persistence/src/testing/index.js';
import { OrdersTables1760000010000 } from '../migrations/orders-tables.js';
import { describeOrderFinder } from '../ports/order-finder.suite.js';
import { orderView, PostgresOrderFinder } from './postgres-order-finder.js';

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  const url = await createTestDatabase(server, 'order_finder');
  const migrations = [EventTables1760000001000, OrdersTables1760000010000];
  database = await Database.open({ name: 'test', url, migrations });
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
