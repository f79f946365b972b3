import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { OrdersTables1760000010000 } from '../migrations/orders-tables.js';
import { type CatalogueRig, describeCatalogue } from '../ports/catalogue.suite.js';
import { PostgresCatalogue } from './postgres-catalogue.js';

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  const url = await createTestDatabase(server, 'catalogue');
  const migrations = [...messagingMigrations, OrdersTables1760000010000];
  database = await Database.open({ name: 'test', url, migrations });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

function rig(): CatalogueRig {
  const relay = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };
  const committer = new PostgresCommitter({ service: 'orders', database, relay });
  return { committer, catalogue: new PostgresCatalogue(database, committer, { exclusiveStore: false } as never) };
}

describeCatalogue('PostgreSQL', () => Promise.resolve([rig(), rig()]));
