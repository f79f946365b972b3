import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { Database } from '@seam/persistence/postgres';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { describeReachingPositions } from '../testing/reach-position.suite.js';
import { TallyTables1760000098000, tallyView } from '../testing/tally.js';
import { eventMigrations } from './event-migrations.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { Projector } from './projector.js';

let server: EmbeddedPostgres;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describeReachingPositions('PostgreSQL', async () => {
  const url = await createTestDatabase(server, 'reach');
  const migrations = [...eventMigrations, TallyTables1760000098000];
  const database = await Database.open({ name: 'test', url, migrations });
  return {
    store: new PostgresEventStore(database.pool),
    projector: () => new Projector(database, tallyView(), { batch: 3, everyMs: 5, gatherMs: 1, spacingMs: 1 }),
    close: () => database.close(),
  };
});
