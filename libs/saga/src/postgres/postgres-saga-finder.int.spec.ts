import { eventMigrations, PostgresEventStore, Projector } from '@seam/event-sourcing/postgres';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { describeSagaFinder } from '../testing/saga-finder.suite.js';
import { PostgresSagaFinder } from './postgres-saga-finder.js';
import { sagaList } from './saga-list.js';
import { SagaList1764200200000 } from './saga-list-tables.js';
import { SagaTables1760000002000 } from './tables.js';

const migrations = [...eventMigrations, SagaTables1760000002000, SagaList1764200200000];
let server: EmbeddedPostgres;
const opened: Database[] = [];

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  for (const database of opened) await database.close();
  await server.stop();
});

async function open(name: string, poolSize: number): Promise<Database> {
  const url = await createTestDatabase(server, name);
  const database = await Database.open({ name: 'test', url, migrations, poolSize });
  opened.push(database);
  return database;
}

describeSagaFinder('PostgreSQL', async () => {
  const database = await open('saga_finder', 6);
  return {
    finder: new PostgresSagaFinder(database),
    store: new PostgresEventStore(database.pool),
    projector: new Projector(database, sagaList()),
  };
});

describe('among 100,000 sagas, of which 1,000 are open', () => {
  let database: Database;
  let finder: PostgresSagaFinder;

  beforeAll(async () => {
    // Only one connection, so that all statistics are its own and complete as soon as it has flushed them.
    database = await open('many_sagas', 1);
    finder = new PostgresSagaFinder(database);
    await database.query(
      `insert into saga_list
       select n::text, 'of-' || n, 'trip', 1, case n % 100 when 0 then 'running' else 'completed' end,
              timestamptz '2026-11-22Z' + n * interval '1 ms'
       from generate_series(1, 100000) as n`,
    );
    await database.query(
      `insert into saga_open select id, definition, status, started_at, started_at + interval '1 min'
       from saga_list where status = 'running'`,
    );
    await database.query(`insert into projection values ('saga-list', '1'::xid8, 1)`);
    await database.query('analyze saga_list');
    await database.query('analyze saga_open');
  });

  async function rowsRead(work: () => Promise<unknown>): Promise<number> {
    const soFar = async (): Promise<number> => {
      await database.query('select pg_stat_force_next_flush()');
      const [row] = await database.query<{ rows: number }>(
        `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_user_tables
         where relname in ('saga_list', 'saga_open')`,
      );
      return row!.rows;
    };
    const before = await soFar();
    await work();
    return (await soFar()) - before;
  }

  const cursor = { startedAt: new Date(Date.UTC(2026, 10, 22) + 50_000).toISOString(), id: '50000' };
  it.each([
    ['the latest', {}, 100_000, 300],
    ['those after a page', { before: cursor }, 49_999, 300],
    ['the completed ones', { status: 'completed' }, 99_999, 300],
    ['those about one thing', { correlationId: 'of-77' }, 77, 10],
    ['the open ones', { status: 'running' }, 100_000, 1_300],
  ] as const)('a page of %s reads few rows', async (_, query, first, most) => {
    let ids: string[] = [];
    const rows = await rowsRead(async () => {
      ids = (await finder.list({ ...query, limit: 50 })).map(({ id }) => id);
    });
    expect(ids[0]).toBe(String(first));
    expect(rows).toBeLessThan(most);
  });

  it('overdue sagas are found by an index on the deadline', async () => {
    const now = new Date(Date.UTC(2026, 10, 22) + 60_000 + 2_000);
    expect(await rowsRead(() => finder.overdue(now, 10))).toBeLessThan(50);
  });
});
