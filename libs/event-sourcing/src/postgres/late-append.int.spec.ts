import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { describeLateAppends } from '../testing/late-appends.js';
import { TallyTables1760000098000, tallyView } from '../testing/tally.js';
import { eventMigrations } from './event-migrations.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { Projector } from './projector.js';

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  const url = await createTestDatabase(server, 'late');
  database = await Database.open({ name: 'test', url, migrations: [...eventMigrations, TallyTables1760000098000] });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

describeLateAppends('PostgreSQL', () =>
  Promise.resolve({
    store: new PostgresEventStore(database.pool),
    projector: new Projector(database, tallyView(), { everyMs: 5, spacingMs: 1 }),
    sums: async () => (await database.query<{ sum: number }>('select sum from tally_view')).map(({ sum }) => sum),
    hold: async (append) => {
      const client = await database.pool.connect();
      await client.query('begin');
      await append(new PostgresEventStore(client));
      return {
        commit: async () => {
          await client.query('commit');
          client.release();
        },
      };
    },
  }),
);
