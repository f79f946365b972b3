import { type AfterCommit, MessagingTables1760000000000, PostgresCommitter } from '@seam/messaging';
import { Database, type EmbeddedPostgres } from '@seam/persistence';
import { createTestDatabase, startTestServer } from '../../../../libs/persistence/src/testing/index.js';
import { Stock1760100000000 } from '../migrations/1760100000000-stock.js';
import { describeStock, type StockProcess } from '../ports/stock.suite.js';
import { PostgresStock } from './postgres-stock.js';

const noRelay: AfterCommit = { handOver: () => undefined, dispatched: () => Promise.resolve() };

describe('PostgresStock', () => {
  let server: EmbeddedPostgres;
  let open: Database[] = [];

  const startProcess = async (url: string): Promise<StockProcess> => {
    const migrations = [MessagingTables1760000000000, Stock1760100000000];
    const database = await Database.open({ name: 'inventory', url, migrations });
    open.push(database);
    const committer = new PostgresCommitter({ service: 'inventory', pool: database.pool, relay: noRelay });
    return { committer, stock: new PostgresStock(committer, database) };
  };

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterEach(async () => {
    await Promise.all(open.map((database) => database.close()));
    open = [];
  });
  afterAll(() => server.stop());

  describeStock('PostgreSQL', async () => {
    const url = await createTestDatabase(server, 'inventory');
    return [await startProcess(url), await startProcess(url)];
  });
});
