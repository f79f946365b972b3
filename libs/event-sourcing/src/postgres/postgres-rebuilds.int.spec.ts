import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { describeRebuilds } from '../testing/rebuilds.suite.js';
import { PostgresRebuilds } from './postgres-rebuilds.js';
import { ReadModelTables1760000020000 } from './read-model-tables.js';

let server: EmbeddedPostgres;
const databases: Database[] = [];

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  for (const database of databases) await database.close();
  await server.stop();
});

describeRebuilds('PostgreSQL', async () => {
  const url = await createTestDatabase(server, 'rebuilds');
  const open = async (): Promise<Database> => {
    const database = await Database.open({ name: 'test', url, migrations: [ReadModelTables1760000020000] });
    databases.push(database);
    return database;
  };
  const [one, other] = [await open(), await open()];
  return {
    process: () => new PostgresRebuilds(one.pool),
    kill: async () => {
      await other.query(
        `select pg_terminate_backend(pid) from pg_locks
         where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
      );
    },
  };
});
