import { Logger } from '@nestjs/common';
import type { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { eventually } from '@seam/testing';
import type { PoolClient } from 'pg';
import { startTestServer } from '@seam/persistence/testing';
import { cause, MessagingRig, note, noteInTransaction } from '../testing/messaging-rig.js';
import type { BatchDatabase } from './batch-transaction.js';
import type { PostgresCommitter } from './postgres-committer.js';

let server: EmbeddedPostgres;
let rig: MessagingRig;
let committer: PostgresCommitter;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
});
afterAll(() => server.stop());

const unavailable = { name: 'StoreAwayError', code: 'STORE.UNAVAILABLE', kind: 'unavailable' };
const outcome = <T>(promise: Promise<T>): Promise<unknown> => promise.catch((error: unknown) => error);
const stored = async (): Promise<object> => ({
  notes: (await rig.notes()).sort(),
  marks: await rig.marks(),
  outbox: await rig.outboxTexts(),
});
const nothing = { notes: [], marks: 0, outbox: [] };

/** A database whose server commits, but whose connection breaks before the answer to the commit arrives. */
function losingAnswers(database: Database): BatchDatabase {
  const lose = (client: PoolClient): PoolClient =>
    new Proxy(client, {
      get: (of, property) => {
        const value: unknown = Reflect.get(of, property);
        if (typeof value !== 'function') return value;
        if (property !== 'query') return value.bind(of) as unknown;
        return async (statement: string | { name?: string }, ...values: unknown[]): Promise<unknown> => {
          const answer: unknown = await Reflect.apply(value, of, [statement, ...values]);
          const name = typeof statement === 'string' ? statement : (statement.name ?? '');
          if (name === 'commit' || (name.startsWith('seam_commit') && of.getTransactionStatus() === 'I'))
            throw new Error('Connection terminated unexpectedly');
          return answer;
        };
      },
    });
  const pool = new Proxy(database.pool, {
    get: (of, property) => {
      if (property === 'connect') return async () => lose(await of.connect());
      const value: unknown = Reflect.get(of, property);
      return typeof value === 'function' ? (value.bind(of) as unknown) : value;
    },
  });
  return {
    pool,
    connectRunner: async () => {
      const { runner, client } = await database.connectRunner();
      return { runner, client: lose(client) };
    },
  };
}

describe.each([
  ['', undefined],
  [', with its messages compressed,', 0],
])('a connection that breaks%s', (_name, packedFrom) => {
  beforeAll(async () => {
    rig = await MessagingRig.open(server, 'crash', packedFrom);
  });
  beforeEach(async () => {
    await rig.clear();
    committer = rig.committer();
  });
  afterAll(() => rig.close());

  it('during a transaction leaves nothing of the batch, and all callers get an error that allows a retry', async () => {
    const [from, other] = [cause(), cause()];
    const killed = noteInTransaction('a', (db) => db.query('select pg_terminate_backend(pg_backend_pid())'));
    const answers = await Promise.all([
      outcome(committer.handle(killed, from)),
      outcome(committer.handle(note('b'), other)),
      outcome(committer.commit(noteInTransaction('c'))),
    ]);
    expect(answers).toMatchObject([unavailable, unavailable, unavailable]);
    expect(await stored()).toEqual(nothing);
    expect(await Promise.all([committer.handle(note('a'), from), committer.handle(note('b'), other)])).toEqual([
      'done',
      'done',
    ]);
    expect(await rig.notes()).toEqual(['a', 'b']);
  });

  it('during the single statement leaves nothing of it', async () => {
    const from = cause();
    const locker = await rig.database.pool.connect();
    await locker.query('begin; lock table inbox in access exclusive mode');
    const handling = outcome(committer.handle(note('a'), from));
    await eventually(async () => {
      const rows = await rig.database.query<{ killed: boolean }>(
        `select pg_terminate_backend(pid) as killed from pg_stat_activity
         where wait_event_type = 'Lock' and datname = current_database()`,
      );
      expect(rows).toEqual([{ killed: true }]);
    });
    expect(await handling).toMatchObject(unavailable);
    await locker.query('rollback');
    locker.release();
    expect(await stored()).toEqual(nothing);
    expect(await committer.handle(note('a'), from)).toBe('done');
    expect(await rig.notes()).toEqual(['a']);
  });

  it.each([
    ['of one statement', note],
    ['of a transaction', noteInTransaction],
  ])(
    'after the commit %s leaves all of it: a repeated message is a duplicate, and its messages are sent',
    async (_, make) => {
      const from = cause();
      const losing = rig.committer({ database: losingAnswers(rig.database) });
      expect(await outcome(losing.handle(make('a'), from))).toMatchObject(unavailable);
      expect(await stored()).toEqual({ notes: ['a'], marks: 1, outbox: ['a'] });
      expect(await committer.handle(make('a'), from)).toBe('duplicate');
      expect(await stored()).toEqual({ notes: ['a'], marks: 1, outbox: ['a'] });
      expect(rig.publisher.published).toEqual([]);
      await rig.endLeases();
      await rig.relay.start(false);
      await eventually(async () => expect(await stored()).toEqual({ notes: ['a'], marks: 1, outbox: [] }));
      expect(rig.publisher.published).toHaveLength(1);
    },
  );

  it('does not break the committer: the next works commit, and no connection leaks', async () => {
    for (let round = 0; round < 10; round += 1) {
      await rig.database.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      const text = `n${round}`;
      await eventually(async () => expect(await committer.commit(noteInTransaction(text))).toBe(text));
    }
    expect(await rig.notes()).toHaveLength(10);
    await committer.idle();
    const { pool } = rig.database;
    await eventually(() => expect(pool.idleCount).toBe(pool.totalCount));
    expect(pool.waitingCount).toBe(0);
  });

  it('never repeats or loses a message’s effect, however often it breaks', async () => {
    const causes = Array.from({ length: 60 }, () => cause());
    const losing = rig.committer({ database: losingAnswers(rig.database) });
    const until = async (index: number): Promise<void> => {
      const from = causes[index]!;
      const by = index % 3 === 0 ? losing : committer;
      await outcome(by.handle(index % 2 === 0 ? note(`n${index}`) : noteInTransaction(`n${index}`), from));
      await eventually(() => committer.handle(note(`n${index}`), from));
    };
    const killer = setInterval(() => {
      rig.database
        .query(
          'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
        )
        .catch(() => undefined);
    }, 5);
    await Promise.all(causes.map((_, index) => until(index)));
    clearInterval(killer);
    await eventually(async () => {
      expect((await rig.notes()).sort()).toEqual(causes.map((_, index) => `n${index}`).sort());
      expect(await rig.marks()).toBe(60);
    });
  });
});
