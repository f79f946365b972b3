import { Database, type EmbeddedPostgres } from '@seam/persistence';
import { createTestDatabase, startTestServer } from '../../../persistence/src/testing/index.js';
import { describeEventStore } from '../testing/event-store.suite.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { EventTables1760000001000 } from './tables.js';

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  const url = await createTestDatabase(server, 'events');
  database = await Database.open({ name: 'test', url, migrations: [EventTables1760000001000] });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

describeEventStore('PostgreSQL', async () => {
  await database.query('truncate events');
  return new PostgresEventStore(database.pool);
});
