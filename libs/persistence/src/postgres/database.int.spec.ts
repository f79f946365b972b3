import { jest } from '@jest/globals';
import { eventually } from '@seam/testing';
import type { QueryRunner } from 'typeorm';
import { EntitySchema } from 'typeorm';
import type { EmbeddedPostgres } from '../embedded/start.js';
import { createTestDatabase, startTestServer } from '../testing/index.js';
import { withClient } from './create.js';
import { CommitOutcomeUnknownError } from './session.js';
import { Database, type DatabaseOptions } from './database.js';
import { MigrationError } from './migration.js';

jest.setTimeout(60_000);

const Item = new EntitySchema<{ id: string; stock: number }>({
  name: 'item',
  columns: { id: { type: 'text', primary: true }, stock: { type: 'int' } },
});

class CreateItems1700000000000 {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE item (id text PRIMARY KEY, stock int NOT NULL CHECK (stock >= 0))');
  }
  async down(): Promise<void> {}
}

describe('Database', () => {
  let server: EmbeddedPostgres;
  let db: Database;
  const opened: Database[] = [];
  const warned: string[] = [];
  const open = async (options: Partial<DatabaseOptions> & { url: string }): Promise<Database> => {
    const database = await Database.open({
      name: 'test',
      warn: (line) => warned.push(line),
      migrations: [CreateItems1700000000000],
      ...options,
    });
    opened.push(database);
    return database;
  };

  beforeAll(async () => {
    server = await startTestServer();
    db = await open({ url: server.url('shop'), entities: [Item] });
  });
  beforeEach(() => db.query('TRUNCATE item'));
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()));
    await server.stop();
  });

  it('creates a missing database once, even if several processes open it at once', async () => {
    const url = server.url('together "1"');
    const all = await Promise.all([1, 2, 3, 4].map(() => open({ url })));
    const counts = await Promise.all(
      all.map((one) => one.query<{ n: string }>('SELECT count(*) AS n FROM migrations')),
    );
    expect(counts.map((rows) => rows[0]?.n)).toEqual(['1', '1', '1', '1']);
  });

  it('sets the limits of each connection', async () => {
    const rows = await db.query(`SELECT current_setting('statement_timeout') AS statement,
      current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('application_name') AS app,
      current_setting('lock_timeout') AS lock, current_setting('fsync') AS fsync`);
    expect(rows).toEqual([{ statement: '15s', idle: '1min', app: 'seam-test', lock: '1500ms', fsync: 'on' }]);
  });

  it('serves TypeORM and raw SQL from one pool, and refuses an undefined in a where', async () => {
    const items = db.dataSource.getRepository(Item);
    await items.save([
      { id: 'a', stock: 1 },
      { id: 'b', stock: 2 },
    ]);
    const [both, count] = await Promise.all([items.find({ order: { id: 'ASC' } }), items.count()]);
    expect(both.map((item) => item.id)).toEqual(['a', 'b']);
    expect(count).toBe(2);
    await expect(items.findOneBy({ id: undefined as unknown as string })).rejects.toThrow(/undefined/i);
    await db.dataSource.transaction(async (manager) => {
      await Promise.all(['c', 'd', 'e'].map((id) => manager.insert(Item, { id, stock: 0 })));
    });
    expect(await db.query('SELECT id FROM item ORDER BY id')).toHaveLength(5);
    expect(db.pool.totalCount).toBeLessThanOrEqual(6);
  });

  it('keeps the connection after a failed statement', async () => {
    const [before] = await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await expect(db.query(`INSERT INTO item VALUES ('a', -1)`)).rejects.toMatchObject({ code: '23514' });
    await expect(db.prepared('no-table', 'SELECT * FROM nothing WHERE $1', [true])).rejects.toThrow(/nothing/);
    const [after] = await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    expect(after).toEqual(before);
  });

  it('parses a named statement once and runs it with other values', async () => {
    const add = (id: string, stock: number): Promise<unknown[]> =>
      db.prepared('add-item', 'INSERT INTO item VALUES ($1, $2) RETURNING id', [id, stock]);
    expect(await add('a', 1)).toEqual([{ id: 'a' }]);
    expect(await add('b', 1)).toEqual([{ id: 'b' }]);
  });

  it('plans only the key-based statement by keys, and keeps its connection after a failure', async () => {
    const insert = (stock: number): Promise<unknown[]> =>
      db.preparedByKey('by-key', `INSERT INTO item SELECT current_setting('enable_seqscan'), $1 RETURNING id`, [stock]);
    const pids = (): Promise<unknown[]> => db.query('SELECT pg_backend_pid() AS pid');
    expect(await insert(1)).toEqual([{ id: 'off' }]);
    const before = await pids();
    await expect(insert(-1)).rejects.toMatchObject({ code: '23514' });
    await expect(insert(1)).rejects.toMatchObject({ code: '23505' });
    expect(await pids()).toEqual(before);
    expect(await db.query('SHOW enable_seqscan')).toEqual([{ enable_seqscan: 'on' }]);
    expect(await db.query('SELECT id, stock FROM item')).toEqual([{ id: 'off', stock: 1 }]);
  });

  it('reports an invalid poolSize', async () => {
    await expect(open({ url: server.url('shop'), poolSize: 0 })).rejects.toThrow(RangeError);
  });

  describe('transaction', () => {
    it('commits, and runs the statements of a pipeline in order', async () => {
      const result = await db.transaction(async (client) => {
        const [, , sum] = await Promise.all([
          client.query(`INSERT INTO item VALUES ('a', 1)`),
          client.query({ name: 'put', text: 'INSERT INTO item VALUES ($1, $2)', values: ['b', 2] }),
          client.query('SELECT sum(stock)::int AS n FROM item'),
        ]);
        return sum.rows[0].n as number;
      });
      expect(result).toBe(3);
      expect(await db.query('SELECT count(*)::int AS n FROM item')).toEqual([{ n: 2 }]);
    });

    it('rolls back and passes on the error of the work', async () => {
      await expect(
        db.transaction(async (client) => {
          await client.query(`INSERT INTO item VALUES ('a', 1)`);
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(await db.query('SELECT * FROM item')).toEqual([]);
    });

    it('rejects with the first failure of a pipeline; later statements fail with 25P02', async () => {
      let outcomes: PromiseSettledResult<unknown>[] = [];
      const work = db.transaction(async (client) => {
        const sent = [`INSERT INTO item VALUES ('a', 1)`, `INSERT INTO item VALUES ('b', -1)`, 'SELECT 1'].map((text) =>
          client.query(text),
        );
        outcomes = await Promise.allSettled(sent);
        await Promise.all(sent);
      });
      await expect(work).rejects.toMatchObject({ code: '23514' });
      expect(outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'ok'))).toEqual(
        ['ok', '23514', '25P02'],
      );
      expect(await db.query('SELECT * FROM item')).toEqual([]);
    });

    it('does not report success if the work has ignored a failure', async () => {
      const work = db.transaction(async (client) => {
        await client.query(`INSERT INTO item VALUES ('a', 1)`);
        await client.query('SELECT 1/0').catch(() => undefined);
      });
      await expect(work).rejects.toMatchObject({ code: 'PERSISTENCE.ROLLED_BACK' });
      expect(await db.query('SELECT * FROM item')).toEqual([]);
    });

    it('survives a connection that breaks during the work, and reports an unknown outcome if COMMIT breaks', async () => {
      const end = 'SELECT pg_terminate_backend(pg_backend_pid())';
      await expect(db.transaction((client) => client.query(end))).rejects.toMatchObject({
        code: 'STORE.UNAVAILABLE',
        cause: { code: '57P01' },
      });
      const atCommit = db.transaction((client) => Promise.resolve(void client.query(end).catch(() => undefined)));
      await expect(atCommit).rejects.toBeInstanceOf(CommitOutcomeUnknownError);
      expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    it('survives a connection that breaks while it is idle, or lent but unused', async () => {
      const url = await createTestDatabase(server, 'idle');
      const idle = await open({ url });
      await idle.query('SELECT 1');
      const endAll = (): Promise<unknown> =>
        withClient(server.url('postgres'), (client) =>
          client.query(
            `SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE application_name = 'seam-test'
             AND datname LIKE 'idle%'`,
          ),
        );
      await endAll();
      await expect(idle.transaction(endAll)).rejects.toThrow();
      expect(await idle.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      // One line, however many connections of this server fail within a minute.
      const line = expect.stringMatching(/^PostgreSQL at 127.0.0.1:\d+ answers, but/);
      await eventually(() => expect(warned).toEqual([line]));
    });

    it('passes on an error of COMMIT itself, and keeps the connection', async () => {
      await db.query('CREATE TABLE IF NOT EXISTS parent (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)');
      const pid = (): Promise<unknown[]> => db.query('SELECT pg_backend_pid()');
      const before = await pid();
      const twice = db.transaction((client) => client.query('INSERT INTO parent VALUES (1), (1)'));
      await expect(twice).rejects.toMatchObject({ code: '23505' });
      expect(await pid()).toEqual(before);
    });

    it('returns clients to the pool, however many works fail', async () => {
      const fail = (): Promise<unknown> => db.transaction((client) => client.query('SELECT 1/0'));
      const outcomes = await Promise.allSettled(Array.from({ length: 40 }, fail));
      expect(outcomes.every((one) => one.status === 'rejected')).toBe(true);
      expect(db.pool.waitingCount).toBe(0);
      expect(db.pool.idleCount).toBe(db.pool.totalCount);
    });
  });

  describe('migrations', () => {
    const schema = (name: string, ...statements: string[]) => {
      const type = class {
        readonly name = name;
        async up(runner: QueryRunner): Promise<void> {
          for (const statement of statements) await runner.query(statement);
        }
        async down(): Promise<void> {}
      };
      return type;
    };

    it('rolls back a failing migration, keeps earlier ones, and names it', async () => {
      const url = await createTestDatabase(server, 'failing');
      const good = schema('Good1700000000001', 'CREATE TABLE good ()');
      const bad = schema('Bad1700000000002', 'CREATE TABLE half ()', 'SELECT 1/0');
      const failed = open({ url, migrations: [bad, good] });
      await expect(failed).rejects.toThrow(/Bad1700000000002 failed and was rolled back.*failing.*division by zero/);
      await expect(failed).rejects.toBeInstanceOf(MigrationError);
      const later = await open({ url, migrations: [good] });
      expect(await later.query(`SELECT to_regclass('good') AS good, to_regclass('half') AS half`)).toEqual([
        { good: 'good', half: null },
      ]);
    });

    it('refuses a changed or renamed migration; accepts different white space and a newer version', async () => {
      const url = await createTestDatabase(server, 'changed');
      const first = schema('First1700000000001', 'CREATE TABLE one (id int)');
      await open({ url, migrations: [first, schema('Second1700000000002', 'CREATE TABLE two ()')] });
      await open({ url, migrations: [schema('First1700000000001', 'CREATE TABLE  one\n (id int)')] });
      const changed = schema('First1700000000001', 'CREATE TABLE one (id bigint)');
      await expect(open({ url, migrations: [changed] })).rejects.toThrow(/First1700000000001 was changed/);
      const renamed = schema('Renamed1700000000003', 'CREATE TABLE three ()');
      await expect(open({ url, migrations: [renamed] })).rejects.toThrow(
        /First1700000000001 was applied, but the code no longer has it/,
      );
    });

    it('waits for another process, but not for ever', async () => {
      const url = await createTestDatabase(server, 'locked');
      await withClient(url, async (client) => {
        await client.query('SELECT pg_advisory_lock(7352638)');
        await expect(open({ url, migrationLockMs: 50 })).rejects.toThrow(/holds the migration lock/);
      });
      await open({ url });
    });
  });

  describe('connecting', () => {
    it('names the database, and hides the password', async () => {
      const wrong = new URL(server.url('shop'));
      wrong.password = 'very-secret';
      const failed = open({ url: wrong.href, name: 'orders' });
      await expect(failed).rejects.toMatchObject({ code: 'PERSISTENCE.DATABASE_UNAVAILABLE' });
      await expect(failed).rejects.toThrow(/"shop" of the service orders.*password authentication failed/);
      await expect(failed).rejects.not.toThrow(/very-secret/);
      await expect(open({ url: 'localhost very-secret' })).rejects.not.toThrow(/very-secret/);
    });

    it('waits for a server up to its time limit', async () => {
      const failed = open({ url: 'postgresql://seam:pw@127.0.0.1:1/shop', connectWaitMs: 150 });
      await expect(failed).rejects.toThrow(/ECONNREFUSED/);
    });
  });
});
