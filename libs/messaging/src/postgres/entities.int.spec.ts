import { Logger } from '@nestjs/common';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import type { EntityManager } from 'typeorm';
import { startTestServer } from '@seam/persistence/testing';
import { ConflictError } from '../errors.js';
import { cause, MessagingRig, note, NoteEntity, outgoing } from '../testing/messaging-rig.js';
import type { Work } from '../work.js';
import type { PostgresCommitter } from './postgres-committer.js';
import { transactionWork } from './work-adapter.js';

let server: EmbeddedPostgres;
let rig: MessagingRig;
let committer: PostgresCommitter;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
  rig = await MessagingRig.open(server, 'entities');
});
beforeEach(async () => {
  await rig.clear();
  committer = rig.committer({ relay: { handOver: () => undefined, whenDispatched: () => Promise.resolve() } });
});
afterAll(async () => {
  await rig.close();
  await server.stop();
});

const outcome = <T>(promise: Promise<T>): Promise<unknown> => promise.catch((error: unknown) => error);
const stored = async (): Promise<object> => ({
  notes: (await rig.notes()).sort(),
  marks: await rig.marks(),
  outbox: await rig.outboxTexts(),
});
const nothing = { notes: [], marks: 0, outbox: [] };

type Then = (entities: EntityManager) => unknown;

/** If TypeORM did not know about the batch's transaction, `save` would begin and commit a transaction of its own. */
const saved = (text: string, then: Then = () => undefined): Work<string> =>
  transactionWork(async (entities) => {
    await entities.getRepository(NoteEntity).save({ text });
    await then(entities);
    return { value: text, messages: [outgoing(text)] };
  });

/** The same with the other methods that write, followed by a read. */
const inserted = (text: string, then: Then = () => undefined): Work<string> =>
  transactionWork(async (entities) => {
    const notes = entities.getRepository(NoteEntity);
    await notes.insert({ text: `${text}!` });
    const { affected } = await notes.update({ text: `${text}!` }, { text });
    const found = await notes.findOneOrFail({ where: { text }, lock: { mode: 'pessimistic_write' } });
    await then(entities);
    return { value: `${affected} ${found.text}`, messages: [outgoing(text)] };
  });

describe.each([
  ['save', saved],
  ['insert and update', inserted],
])('what a change writes by %s', (_, make) => {
  it('is stored once with its mark and its messages, however often its message is repeated', async () => {
    const from = cause();
    const answers = await Promise.all([1, 2].map(() => committer.handle(make('a'), from)));
    expect(answers.sort()).toEqual(['done', 'duplicate']);
    expect(await committer.handle(make('a'), from)).toBe('duplicate');
    expect(await stored()).toEqual({ notes: ['a'], marks: 1, outbox: ['a'] });
  });

  it('has one effect if two processes handle the message at once', async () => {
    const other = rig.committer();
    const from = cause();
    const answers = await Promise.all([committer, other].map((each) => each.handle(make('a'), from)));
    expect(answers.sort()).toEqual(['done', 'duplicate']);
    expect({ notes: await rig.notes(), marks: await rig.marks() }).toEqual({ notes: ['a'], marks: 1 });
  });

  it('is rolled back if the change fails after it; the other works of the batch commit', async () => {
    const failed = make('a', () => Promise.reject(new Error('no')));
    const [a, b] = await Promise.all([outcome(committer.handle(failed, cause())), committer.commit(note('b', []))]);
    expect([a, b]).toMatchObject([{ message: 'no' }, 'b']);
    expect(await stored()).toEqual({ notes: ['b'], marks: 0, outbox: [] });
  });

  it('is rolled back if the change hides a failed statement', async () => {
    const hidden = make('a', (entities) => entities.query('select nonsense').catch(() => undefined));
    expect(await outcome(committer.handle(hidden, cause()))).toMatchObject({
      code: expect.stringMatching(/ROLLED_BACK|25P02/),
    });
    expect(await stored()).toEqual(nothing);
  });

  it('is rolled back if its connection is killed before the commit, and stored once when the message is repeated', async () => {
    const from = cause();
    const killed = make('a', (entities) => entities.query('select pg_terminate_backend(pg_backend_pid())'));
    expect(await outcome(committer.handle(killed, from))).toMatchObject({ code: 'STORE.UNAVAILABLE' });
    expect(await stored()).toEqual(nothing);
    expect(await committer.handle(make('a'), from)).toBe('done');
    expect(await committer.handle(make('a'), from)).toBe('duplicate');
    expect(await stored()).toEqual({ notes: ['a'], marks: 1, outbox: ['a'] });
  });

  it('is decided again if another process was faster, like any conflict that the server reports', async () => {
    await committer.commit(note('taken', []));
    expect(await outcome(committer.handle(make('taken'), cause()))).toBeInstanceOf(ConflictError);
    const asked: boolean[] = [];
    const unlessThere = transactionWork(async (entities) => {
      const notes = entities.getRepository(NoteEntity);
      const there = await notes.existsBy({ text: 'contested' });
      asked.push(there);
      // Another process inserts it in between.
      if (!there) await rig.database.query(`insert into note (text) values ('contested') on conflict do nothing`);
      if (!there) await notes.insert({ text: 'contested' });
      return { value: there, messages: [] };
    });
    expect(await committer.commit(unlessThere)).toBe(true);
    expect(asked.at(-1)).toBe(true);
    expect(await rig.notes()).toEqual(['taken', 'contested']);
  });
});

it('returns every connection to the pool, whatever the results of the changes', async () => {
  const works = Array.from({ length: 30 }, (_, n) =>
    saved(`n${n}`, (entities) =>
      n % 3 === 0
        ? entities.query(n % 2 === 0 ? 'select nonsense' : 'select pg_terminate_backend(pg_backend_pid())')
        : 0,
    ),
  );
  for (const work of works) await outcome(committer.commit(work));
  await committer.idle();
  const { pool } = rig.database;
  expect([pool.waitingCount, pool.idleCount]).toEqual([0, pool.totalCount]);
  expect(await rig.notes()).toHaveLength(20);
  expect(await rig.database.query('select 1 as one')).toEqual([{ one: 1 }]);
});

it('failing reads by a repository reject like the statement, and do not block the connection', async () => {
  const { database } = rig;
  await expect(database.read((entities) => entities.query('select nonsense'))).rejects.toMatchObject({
    name: 'error',
    code: '42703',
  });
  const end = 'select pg_terminate_backend(pg_backend_pid())';
  await expect(database.read((entities) => entities.query(end))).rejects.toMatchObject({ code: 'STORE.UNAVAILABLE' });
  await expect(database.read((entities) => entities.query('begin'))).resolves.toEqual([]);
  expect(await database.read((entities) => entities.count(NoteEntity))).toBe(0);
  expect([database.pool.waitingCount, database.pool.idleCount]).toEqual([0, database.pool.totalCount]);
});
