import { Logger } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { startTestServer } from '@seam/persistence/testing';
import { describeCommitter } from '../testing/committer.suite.js';
import { countingDatabase } from '../testing/counting-database.js';
import { cause, MessagingRig, note, noteAdapter, noteInTransaction } from '../testing/messaging-rig.js';
import { transactionWork } from './work-adapter.js';
import { work, type WorkKind } from '../work.js';
import { ConflictError } from '../errors.js';
import type { PostgresCommitter } from './postgres-committer.js';

let server: EmbeddedPostgres;
let rig: MessagingRig;
let committer: PostgresCommitter;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
  rig = await MessagingRig.open(server, 'committer');
});
beforeEach(async () => {
  await rig.clear();
  committer = rig.committer();
});
afterAll(async () => {
  await rig.relay.stop();
  await rig.database.close();
  await server.stop();
});

describeCommitter('PostgreSQL', () => MessagingRig.open(server, 'committing'));
describeCommitter('PostgreSQL, compressed', () => MessagingRig.open(server, 'compressing', 0));

const outcome = <T>(promise: Promise<T>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('a batch', () => {
  it('of any number of works without locks is one statement, including messages and marks', async () => {
    const { database, statements } = countingDatabase(rig.database);
    committer = rig.committer({ database });
    const texts = Array.from({ length: 50 }, (_, index) => `n${index}`);
    const values = texts.slice(0, 25).map((text) => committer.commit(note(text)));
    const handled = texts.slice(25).map((text) => committer.handle(note(text), cause()));
    expect(await Promise.all(values)).toEqual(texts.slice(0, 25));
    expect(new Set(await Promise.all(handled))).toEqual(new Set(['done']));
    expect(statements).toEqual([expect.stringMatching(/^seam_commit_/)]);
    expect((await rig.notes()).sort()).toEqual([...texts].sort());
    expect(await rig.marks()).toBe(25);
  });

  it('with a work that reads under locks has one BEGIN and one COMMIT', async () => {
    const { database, statements } = countingDatabase(rig.database);
    committer = rig.committer({ database });
    await Promise.all([committer.commit(note('a')), committer.commit(noteInTransaction('b'))]);
    expect(statements.filter((statement) => /\b(begin|transaction|set local|commit)\b/i.test(statement))).toEqual([
      'START TRANSACTION',
      expect.stringMatching(/^set local/),
      'commit',
    ]);
    expect((await rig.notes()).sort()).toEqual(['a', 'b']);
  });

  it('that reads under locks finds rows by key, even with plans made for few rows', async () => {
    await rig.database.query('create table young (id text primary key, state text)');
    await rig.database.query(`insert into young values ('one', 'new')`);
    await rig.database.query('vacuum analyze young');
    const plans = await committer.commit(
      transactionWork(async (db) => {
        const lines: string[] = [];
        for (const statement of [
          'select * from young where id = any($1::text[])',
          `update young set state = r.state from json_to_recordset($1::json) as r(id text, state text)
           where young.id = r.id`,
        ])
          lines.push(JSON.stringify(await db.query(`explain (generic_plan) ${statement}`)));
        return { value: lines, messages: [] };
      }),
    );
    for (const plan of plans) {
      expect(plan).toMatch(/Index Scan (using|on) young_pkey/);
      expect(plan).not.toMatch(/Seq Scan|Hash Join|Merge Join/);
    }
  });

  it.each([
    ['looks rows up finds them by their keys, too', true, 'off'],
    ['only inserts needs no explicit transaction', false, 'on'],
  ])('of one statement that %s', async (_, looksUp, scans) => {
    const SettingKind: WorkKind<undefined, undefined> = { name: 'setting' };
    const sql = (parameter: string): string =>
      `insert into note (text) select current_setting('enable_seqscan') from json_to_recordset(${parameter}) as r(n integer)`;
    const plan = { results: [undefined], writes: [{ sql, rows: [{ n: 1 }], looksUp }] };
    committer.register(SettingKind, { plan: () => Promise.resolve(plan) });
    await committer.commit(work(SettingKind, undefined, () => ({ value: undefined, messages: [] })));
    expect(await rig.notes()).toEqual([scans]);
    expect(await rig.database.query('show enable_seqscan')).toEqual([{ enable_seqscan: 'on' }]);
  });

  it('takes the works that arrived during the previous batch, up to its limit', async () => {
    const { database, statements } = countingDatabase(rig.database);
    committer = rig.committer({ database, batchLimit: 4 });
    await Promise.all(Array.from({ length: 10 }, (_, index) => committer.commit(note(`n${index}`))));
    expect(statements).toHaveLength(3);
    expect(await rig.notes()).toHaveLength(10);
  });

  it('rolls back only the work that throws in the middle of the transaction', async () => {
    const fail =
      (error: Error): (() => never) =>
      () => {
        throw error;
      };
    const answers = await Promise.all([
      outcome(committer.commit(noteInTransaction('a'))),
      outcome(committer.commit(noteInTransaction('b', fail(new Error('b failed'))))),
      outcome(committer.commit(noteInTransaction('c', (db) => db.query('select nonsense')))),
      outcome(committer.handle(noteInTransaction('d'), cause())),
      outcome(committer.commit(note('e'))),
    ]);
    expect(answers).toMatchObject(['a', { message: 'b failed' }, { code: '42703' }, 'done', 'e']);
    expect((await rig.notes()).sort()).toEqual(['a', 'd', 'e']);
    expect(rig.publisher.published.map(({ data }) => data)).toHaveLength(3);
  });

  it('passes on an error of the work unchanged, whatever its text', async () => {
    const error = new CodedError('conflict', 'SHOP.SOLD_OUT', 'The socket set and its connection timeout are sold out');
    const answers = await Promise.all([
      outcome(
        committer.commit(
          noteInTransaction('a', () => {
            throw error;
          }),
        ),
      ),
      outcome(committer.commit(note('b'))),
    ]);
    expect(answers).toEqual([error, 'b']);
    expect(await rig.notes()).toEqual(['b']);
  });

  it('rolls back a work that hid a failed statement', async () => {
    const hidden = noteInTransaction('a', (db) => db.query('select nonsense').catch(() => undefined));
    const [a, b] = await Promise.all([outcome(committer.commit(hidden)), outcome(committer.commit(note('b')))]);
    expect(a).toMatchObject({ code: expect.stringMatching(/ROLLED_BACK|25P02/) });
    expect(b).toBe('b');
    expect(await rig.notes()).toEqual(['b']);
  });

  it('rolls back only the work whose statement the server cannot bind', async () => {
    const unbound = transactionWork(async (db) => {
      await db.query('insert into note (text) values ($1)', ['a', 'b']);
      return { value: 'unbound', messages: [] };
    });
    const [a, b] = await Promise.all([outcome(committer.commit(unbound)), outcome(committer.commit(note('b')))]);
    expect(a).toMatchObject({ code: '08P01' });
    expect(b).toBe('b');
  });

  it('is not repeated because a listener fails after it', async () => {
    const broken = {
      handOver: () => {
        throw new Error('broken');
      },
      whenDispatched: () => Promise.resolve(),
    };
    committer = rig.committer({ relay: broken });
    expect(await outcome(committer.commit(noteInTransaction('a')))).toBe('a');
    const notifying: WorkKind<string, string> = { name: 'notifying' };
    committer.register(notifying, {
      plan: async (...args) => ({
        ...(await noteAdapter.plan(...args)),
        committed: () => {
          throw new Error('broken');
        },
      }),
    });
    expect(await outcome(committer.commit(work(notifying, 'b', (value) => ({ value, messages: [] }))))).toBe('b');
    expect(await outcome(committer.commit(note('c')))).toBe('c');
    expect(await rig.notes()).toEqual(['a', 'b', 'c']);
  });
});

describe('the messages of a commit', () => {
  it('are all stored or none, together with the change and the mark', async () => {
    await committer.commit(note('taken', []));
    const from = cause();
    const answer = await outcome(committer.handle(noteInTransaction('taken'), from));
    expect(answer).toMatchObject({ name: 'ConflictError', cause: { code: '23505' } });
    expect({ notes: await rig.notes(), marks: await rig.marks(), outbox: await rig.outboxIds() }).toEqual({
      notes: ['taken'],
      marks: 0,
      outbox: [],
    });
  });
});

describe('a repeated message', () => {
  it('has one effect, in the same batch and later', async () => {
    const from = cause();
    const first = await Promise.all([1, 2, 3].map((n) => committer.handle(note(`n${n}`), from)));
    expect(first.sort()).toEqual(['done', 'duplicate', 'duplicate']);
    expect(await committer.handle(note('later'), from)).toBe('duplicate');
    expect(await committer.handle(noteInTransaction('later still'), from)).toBe('duplicate');
    expect(await rig.notes()).toHaveLength(1);
    expect(rig.publisher.published).toHaveLength(1);
    expect(await rig.marks()).toBe(1);
  });

  it('is a duplicate even if its decision would be refused now', async () => {
    const from = cause();
    await committer.handle(note('once'), from);
    expect(await committer.handle(note('no: not twice'), from)).toBe('duplicate');
    const failing = noteInTransaction('x', () => {
      throw new Error('not twice');
    });
    expect(await committer.handle(failing, from)).toBe('duplicate');
    await expect(committer.handle(note('no: new'), cause())).rejects.toThrow('no: new');
  });

  it.each([1, 2, 3, 4, 5])('has one effect if two committers handle it at once (%s)', async (round) => {
    const other = rig.committer();
    const causes = Array.from({ length: 20 }, () => cause());
    const make = (by: string) => (from: ReturnType<typeof cause>, index: number) =>
      (by === 'a' ? committer : other).handle(
        round % 2 === 0 ? note(`${by}${index}`) : noteInTransaction(`${by}${index}`),
        from,
      );
    const answers = await Promise.all([...causes.map(make('a')), ...[...causes].reverse().map(make('b'))]);
    expect(answers.filter((answer) => answer === 'done')).toHaveLength(20);
    expect(await rig.notes()).toHaveLength(20);
    expect(await rig.marks()).toBe(20);
  });
});

describe('a conflict', () => {
  /** Conflicts this many times, then writes. */
  const contested = (times: number): { tries: () => number; work: ReturnType<typeof noteInTransaction> } => {
    let tries = 0;
    return {
      tries: () => tries,
      work: transactionWork(async (db) => {
        tries += 1;
        if (tries <= times) throw new ConflictError('changed meanwhile');
        await db.query("insert into note (text) values ('contested')");
        return { value: 'contested', messages: [] };
      }),
    };
  };

  it('is decided again, and the other works of its batch commit', async () => {
    const { work: one, tries } = contested(3);
    expect(await Promise.all([committer.commit(one), committer.commit(note('a'))])).toEqual(['contested', 'a']);
    expect(tries()).toBe(4);
    expect((await rig.notes()).sort()).toEqual(['a', 'contested']);
  });

  it('that does not end is reported to the caller', async () => {
    const { work: one, tries } = contested(100);
    await expect(committer.commit(one)).rejects.toThrow(ConflictError);
    expect(tries()).toBeLessThan(20);
    expect(await rig.notes()).toEqual([]);
  });
});
