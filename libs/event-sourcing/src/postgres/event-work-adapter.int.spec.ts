import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import type { EventWorkHooks } from '../deciding.js';
import { EventKind } from '../event-work.js';
import { describeEventWorks } from '../testing/event-works.suite.js';
import { EventWorkAdapter } from './event-work-adapter.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { EventTables1760000001000 } from './tables.js';

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  const url = await createTestDatabase(server, 'works');
  const migrations = [...messagingMigrations, EventTables1760000001000];
  database = await Database.open({ name: 'test', url, migrations });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

describe.each([0, 2, 10, 100])('with %s streams in memory', (cached) => {
  describeEventWorks('event works on PostgreSQL', () => {
    const store = new PostgresEventStore(database.pool);
    const relay = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };
    const committer = (hooks?: EventWorkHooks): PostgresCommitter => {
      const made = new PostgresCommitter({ service: 'test', pool: database.pool, relay });
      made.register(EventKind, new EventWorkAdapter(store, cached, hooks));
      return made;
    };
    return Promise.resolve({ store, committer, exclusive: cached > 0 });
  });
});
