import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { Customers1764200000000 } from '../migrations/customers.js';
import { type CustomersRig, describeCustomers } from '../ports/customers.suite.js';
import { PostgresCustomers } from './postgres-customers.js';

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  const url = await createTestDatabase(server, 'customers');
  const migrations = [...messagingMigrations, Customers1764200000000];
  database = await Database.open({ name: 'test', url, migrations });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

function rig(): CustomersRig {
  const relay = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };
  const committer = new PostgresCommitter({ service: 'orders', database, relay });
  return { committer, customers: new PostgresCustomers(database, committer) };
}

describeCustomers('PostgreSQL', () => Promise.resolve([rig(), rig()]));
