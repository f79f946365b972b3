import type { AfterCommit } from '@seam/messaging';
import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import type { SalesFact } from '../domain/sales.js';
import { Sales1760100000000 } from '../migrations/1760100000000-sales.js';
import { ExactRevenue1764160000000 } from '../migrations/1764160000000-exact-revenue.js';
import { describeSales } from '../ports/sales.suite.js';
import { euros, newCause, SalesDriver, type SalesProcess } from '../ports/sales-suite/driver.js';
import { PostgresSales } from './postgres-sales.js';

const noRelay: AfterCommit = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };

describe('PostgresSales', () => {
  let server: EmbeddedPostgres;
  let open: Database[] = [];

  const startProcess = async (url: string): Promise<SalesProcess> => {
    const migrations = [...messagingMigrations, Sales1760100000000, ExactRevenue1764160000000];
    const database = await Database.open({ name: 'analytics', url, migrations });
    open.push(database);
    const committer = new PostgresCommitter({ service: 'analytics', database, relay: noRelay });
    return { committer, sales: new PostgresSales(committer, database) };
  };

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterEach(async () => {
    await Promise.all(open.map((database) => database.close()));
    open = [];
  });
  afterAll(() => server.stop());

  const processes = async (): Promise<[SalesProcess, SalesProcess]> => {
    const url = await createTestDatabase(server, 'analytics');
    return [await startProcess(url), await startProcess(url)];
  };

  describeSales('PostgreSQL', processes);

  it('recognises a message that was counted before', async () => {
    const driver = new SalesDriver(await processes());
    const cause = newCause();
    const placed: SalesFact = { type: 'placed', total: euros(10), at: '2026-01-31T12:00:00Z' };
    const answers = ([0, 1, 0, 1] as const).map((process) => driver.count(placed, cause, process));
    expect((await Promise.all(answers)).sort()).toEqual(['done', 'duplicate', 'duplicate', 'duplicate']);
  });
});
