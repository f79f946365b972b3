import { newId } from '@seam/kernel';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { eventually } from '@seam/testing';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import type { Projection } from './postgres-projection.js';
import { added } from '../testing/tally.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { Projector } from './projector.js';
import { eventMigrations } from './event-migrations.js';

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  const url = await createTestDatabase(server, 'event_order');
  const migrations = [...eventMigrations];
  // Only one connection, so that all statistics are its own and complete as soon as it has flushed them.
  database = await Database.open({ name: 'test', url, migrations, poolSize: 1 });
  // The reads of autovacuum would be counted, too.
  await database.query('alter table events set (autovacuum_enabled = false)');
});
afterEach(() => database.close());
afterAll(() => server.stop());

/** Accepts all events, and does nothing with them. */
const idle: Projection = {
  name: 'idle',
  category: 'tally',
  apply: () => Promise.resolve([]),
  tables: [],
};

interface Reads {
  /** Rows of `events` that were read, by any kind of plan. */
  readonly rows: number;
  /** Pages of the table and its indexes that were read. */
  readonly pages: number;
}

async function readsOf(work: () => Promise<unknown>): Promise<Reads> {
  const before = await readsSoFar();
  await work();
  const after = await readsSoFar();
  return { rows: after.rows - before.rows, pages: after.pages - before.pages };
}

async function readsSoFar(): Promise<Reads> {
  await database.query('select pg_stat_force_next_flush()');
  const [reads] = await database.query<Reads>(
    `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows,
            (heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit)::int as pages
     from pg_stat_user_tables join pg_statio_user_tables using (relid) where pg_stat_user_tables.relname = 'events'`,
  );
  return reads!;
}

/** Inserts events that alternate between two categories, as if written by earlier transactions of 300 events each. */
const fill = (from: number, to: number): Promise<unknown> =>
  database.query(
    `insert into events (stream, version, type, data, at, tx)
     select case n % 2 when 0 then 'tally-' else 'other-' end || gen_random_uuid(), 1, 'added', '{"n": 1}', now(),
            (3 + n / 300)::text::xid8
     from generate_series($1::int, $2::int - 1) as n`,
    [from, to],
  );

it('a rebuild reads each event once: four times the events are four times the reads', async () => {
  const projector = new Projector(database, idle, { batch: 1_000 });
  const rebuild = async (): Promise<Reads> => {
    await database.query('analyze events');
    // It counts the events, once.
    await projector.shadow.begin();
    return readsOf(() => projector.rebuild());
  };
  await fill(0, 50_000);
  const few = await rebuild();
  await fill(50_000, 200_000);
  const many = await rebuild();
  expect(few.rows).toBeLessThan(1.1 * 50_000);
  expect(many.rows).toBeLessThan(1.1 * 200_000);
  expect(many.pages / few.pages).toBeLessThan(4.4);
});

it('new events are read once, however many exist, and whatever statistics the server has', async () => {
  const store = new PostgresEventStore(database.pool);
  const projector = new Projector(database, idle, { batch: 1_000 });
  const append = (events: number): Promise<void> =>
    store.append(
      Array.from({ length: events }, () => ({
        stream: `tally-${newId()}`,
        expectedVersion: 0,
        events: [added(1)],
      })),
    );
  let applied = 0;
  const young = await readsOf(async () => {
    for (let commit = 0; commit < 40; commit += 1) {
      await append(100);
      applied += await projector.catchUp();
    }
    await eventually(async () => expect((applied += await projector.catchUp())).toBe(4_000));
  });
  expect(young.rows).toBeLessThan(2 * 4_000);

  await fill(0, 200_000);
  await database.query('analyze events');
  await append(100);
  const tail = await readsOf(() => eventually(async () => expect(await projector.catchUp()).toBe(100)));
  expect(tail.rows).toBeLessThan(200);
  expect(tail.pages).toBeLessThan(200);
});
