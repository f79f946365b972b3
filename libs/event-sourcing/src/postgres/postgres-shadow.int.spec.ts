import { Logger } from '@nestjs/common';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { Database } from '@seam/persistence/postgres';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { eventually } from '@seam/testing';
import { describeShadowReadModels } from '../testing/shadow-read-model.suite.js';
import { added, TallyTables1760000098000, tallyView } from '../testing/tally.js';
import { eventMigrations } from './event-migrations.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { PostgresRebuilds } from './postgres-rebuilds.js';
import { PostgresSetAsides } from './postgres-set-asides.js';
import { Projector } from './projector.js';

const migrations = [...eventMigrations, TallyTables1760000098000];
let server: EmbeddedPostgres;
let databases = 0;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
});
afterAll(() => server.stop());

const open = async (): Promise<Database> => {
  databases += 1;
  const url = await createTestDatabase(server, `shadow_${databases}`);
  return Database.open({ name: 'test', url, migrations });
};
const projector = (database: Database, rebuildChunk = 3, version = 1): Projector =>
  new Projector(database, tallyView(undefined, version), {
    batch: 3,
    rebuildChunk,
    everyMs: 5,
    gatherMs: 1,
    spacingMs: 1,
  });
const sumsIn = async (database: Database): Promise<number[]> =>
  (await database.query<{ sum: number }>('select sum from tally_view order by id')).map(({ sum }) => sum);

describeShadowReadModels('PostgreSQL', async () => {
  const database = await open();
  return {
    store: new PostgresEventStore(database.pool),
    asides: new PostgresSetAsides(database.pool),
    readModel: 'tally-view',
    projector: (rebuildChunk, version) => projector(database, rebuildChunk, version),
    rebuilds: () => new PostgresRebuilds(database.pool),
    rows: () => sumsIn(database),
    leftovers: async () => {
      const text = "select nspname as name from pg_namespace where nspname like 'rebuild%'";
      return (await database.query<{ name: string }>(text)).map(({ name }) => name);
    },
    close: () => database.close(),
  };
});

describe('a rebuilt table', () => {
  let database: Database;
  beforeEach(async () => {
    database = await open();
    const store = new PostgresEventStore(database.pool);
    for (const id of ['a', 'b', 'c', 'd'])
      await store.append([{ stream: `tally-${id}`, expectedVersion: 0, events: [added(1), added(2)] }]);
  });
  afterEach(() => database.close());

  it('has the same columns, constraints, indexes, storage parameters and grants as the old one', async () => {
    await database.query(`
      create index tally_view_by_sum on tally_view (sum desc) where sum > 1;
      alter table tally_view set (fillfactor = 80), add unique (id, sum);
      do $$ begin create role tally_reader; exception when duplicate_object then null; end $$;
      grant select on tally_view to tally_reader;
    `);
    const described = async (): Promise<unknown> => ({
      indexes: await database.query(
        "select schemaname, indexname, indexdef from pg_indexes where tablename = 'tally_view' order by indexname",
      ),
      constraints: await database.query(
        `select conname, pg_get_constraintdef(oid) from pg_constraint
         where conrelid = 'tally_view'::regclass order by conname`,
      ),
      table: await database.query("select reloptions, relacl from pg_class where oid = 'tally_view'::regclass"),
    });
    const before = await described();
    const [old] = await database.query<{ oid: string }>("select 'tally_view'::regclass::oid as oid");
    await projector(database).rebuild();
    expect(await described()).toEqual(before);
    const [now] = await database.query<{ oid: string }>("select 'tally_view'::regclass::oid as oid");
    expect(now).not.toEqual(old);
  });

  it('is built again from the start if a migration changes the live one meanwhile', async () => {
    const { shadow } = projector(database);
    await shadow.begin();
    await shadow.advance();
    await database.query("alter table tally_view add column note text not null default 'none'");
    expect(await projector(database).rebuild()).toBe(8);
    expect(await database.query('select sum, note from tally_view order by id')).toEqual(
      Array(4).fill({ sum: 3, note: 'none' }),
    );
    await shadow.begin();
    while (!(await shadow.advance()).caughtUp);
    await database.query('alter table tally_view add column later integer');
    expect(await shadow.swap()).toBeUndefined();
    expect(await shadow.progress()).toMatchObject({ events: 0 });
  });

  it('waits for a long reader only for moments, so that other readers are answered', async () => {
    await projector(database).rebuild();
    const long = await database.pool.connect();
    await long.query('begin; select from tally_view');
    let done = false;
    const rebuilt = projector(database)
      .rebuild()
      .then(() => (done = true));
    const took: number[] = [];
    for (let read = 0; read < 40; read += 1) {
      const startedAt = performance.now();
      expect(await sumsIn(database)).toEqual([3, 3, 3, 3]);
      took.push(performance.now() - startedAt);
      await new Promise((resume) => setTimeout(resume, 20));
    }
    expect(done).toBe(false);
    await long.query('commit');
    long.release();
    await rebuilt;
    expect(Math.max(...took)).toBeLessThan(1_000);
    await eventually(async () => expect(await sumsIn(database)).toEqual([3, 3, 3, 3]));
  });
});
