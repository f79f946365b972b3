import {
  EventTables1760000001000,
  PostgresEventStore,
  Projector,
  ReadModelTables1760000020000,
} from '@seam/event-sourcing';
import { Database, type EmbeddedPostgres } from '@seam/persistence';
import { createTestDatabase, startTestServer } from '../../../persistence/src/testing/index.js';
import { describeSagaFinder } from '../testing/saga-finder.suite.js';
import { PostgresSagaFinder } from './postgres-saga-finder.js';
import { sagaList } from './saga-list.js';
import { SagaList1764200200000 } from './saga-list-tables.js';
import { SagaTables1760000002000 } from './tables.js';

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  const url = await createTestDatabase(server, 'saga_finder');
  const migrations = [
    EventTables1760000001000,
    ReadModelTables1760000020000,
    SagaTables1760000002000,
    SagaList1764200200000,
  ];
  database = await Database.open({ name: 'test', url, migrations });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

describeSagaFinder('PostgreSQL', () =>
  Promise.resolve({
    finder: new PostgresSagaFinder(database),
    store: new PostgresEventStore(database.pool),
    projector: new Projector(database, sagaList()),
  }),
);
