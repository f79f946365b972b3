import { eventMigrations, PostgresEventStore, PostgresSetAsides, Projector } from '@seam/event-sourcing/postgres';
import { Database, type MigrationClass } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { eventually } from '@seam/testing';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import type { SagaEvent } from '../engine/state.js';
import { PostgresSagaFinder } from './postgres-saga-finder.js';
import { sagaList } from './saga-list.js';
import { SagaList1764200200000 } from './saga-list-tables.js';
import { SagaTables1760000002000 } from './tables.js';

const before: MigrationClass[] = [...eventMigrations, SagaTables1760000002000];
const migrations = [...before, SagaList1764200200000];

let server: EmbeddedPostgres;
const opened: Database[] = [];

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  for (const database of opened) await database.close();
  await server.stop();
});

async function open(name: string, of = migrations): Promise<Database> {
  const database = await Database.open({ name: 'test', url: await createTestDatabase(server, name), migrations: of });
  opened.push(database);
  return database;
}

const time = (second: number): string => new Date(Date.UTC(2026, 10, 22, 9, 30, second)).toISOString();
const pending = (step: number, deadline: string) => ({ step, phase: 'do' as const, attempt: 1, deadline });
const started = (id: string): SagaEvent => ({
  type: 'saga-started',
  at: time(0),
  data: {
    id,
    definition: 'trip',
    version: 3,
    correlationId: `of-${id}`,
    data: { n: 1 },
    steps: ['one', 'two'],
    done: 0,
    next: pending(0, time(30)),
  },
});
const completed = (step: number, next?: string): SagaEvent => ({
  type: 'step-completed',
  at: time(step + 1),
  data: { step, next: next === undefined ? undefined : pending(step + 1, next) },
});
const refused: SagaEvent = {
  type: 'step-refused',
  at: time(9),
  data: { step: 1, code: 'FULL', reason: 'full', next: undefined },
};
const parked: SagaEvent = { type: 'saga-parked', at: time(9), data: { reason: 'no answer' } };

/** A saga list in one database, and its contents. */
class Rig {
  readonly store: PostgresEventStore;
  readonly finder: PostgresSagaFinder;

  constructor(
    readonly database: Database,
    private readonly projector = new Projector(database, sagaList()),
  ) {
    this.store = new PostgresEventStore(database.pool);
    this.finder = new PostgresSagaFinder(database);
  }

  /** The same tables, in a new process whose cache is empty. */
  restarted(): Rig {
    return new Rig(this.database);
  }

  /** Appends and applies, so that each call is a batch of its own. */
  async apply(id: string, version: number, ...events: SagaEvent[]): Promise<void> {
    await this.store.append([{ stream: `saga-${id}`, expectedVersion: version, events }]);
    await eventually(async () => expect(await this.projector.catchUp()).toBeGreaterThan(0));
  }

  async statuses(): Promise<Record<string, string>> {
    return Object.fromEntries((await this.finder.list({ limit: 100 })).map(({ id, status }) => [id, status]));
  }
}

/** Rows written by this process's connections, including updates that changed no index. */
async function written(database: Database): Promise<{ list: object; open: object }> {
  const read = async (table: string): Promise<object> => {
    const [row] = await database.query<object>(
      `select n_tup_ins::int as inserted, n_tup_upd::int as updated, n_tup_hot_upd::int as hot, n_tup_del::int as deleted
       from pg_stat_user_tables where relname = $1`,
      [table],
    );
    return row!;
  };
  return { list: await read('saga_list'), open: await read('saga_open') };
}

describe('the rows of the list of sagas', () => {
  it('are written when sagas start and when their status changes, without touching an index', async () => {
    const rig = new Rig(await open('saga_rows'));
    for (let n = 0; n < 40; n += 1)
      await rig.apply(`short-${n}`, 0, started(`short-${n}`), completed(0, time(40)), completed(1));
    await rig.apply('long', 0, started('long'));
    await rig.apply('long', 1, completed(0, time(40)));
    await rig.apply('long', 2, refused);
    expect((await rig.statuses())['long']).toBe('compensated');
    await eventually(async () =>
      expect(await written(rig.database)).toEqual({
        list: { inserted: 41, updated: 1, hot: 1, deleted: 0 },
        open: { inserted: 1, updated: 1, hot: 0, deleted: 1 },
      }),
    );
  });

  it('are correct whichever process has applied the events before', async () => {
    let rig = new Rig(await open('saga_turns'));
    const other = rig.restarted();
    await rig.apply('a', 0, started('a'));
    await other.apply('a', 1, completed(0, time(40)));
    expect(await rig.finder.deadlines(['a'])).toEqual(new Map([['a', time(40)]]));
    rig = rig.restarted();
    await rig.apply('a', 2, parked);
    expect([await rig.statuses(), await rig.finder.deadlines(['a'])]).toEqual([
      { a: 'parked' },
      new Map([['a', undefined]]),
    ]);
    await other.apply('a', 3, { type: 'saga-redriven', at: time(10), data: { next: pending(1, time(50)) } });
    await rig.apply('a', 4, completed(1));
    expect(await rig.statuses()).toEqual({ a: 'completed' });
    expect(await rig.finder.open()).toEqual([]);
  });

  it('are correct after a batch that was rolled back', async () => {
    const rig = new Rig(await open('saga_rolled_back'));
    const list = sagaList();
    await rig.apply('a', 0, started('a'));
    await rig.store.append([{ stream: 'saga-a', expectedVersion: 1, events: [completed(0, time(40)), completed(1)] }]);
    const client = await rig.database.pool.connect();
    await client.query('begin');
    await list.apply(await rig.store.read('saga-a', 1), client);
    await client.query('rollback');
    client.release();
    const projector = new Projector(rig.database, list);
    await eventually(async () => expect(await projector.catchUp()).toBe(2));
    expect([await rig.statuses(), await rig.finder.open()]).toEqual([{ a: 'completed' }, []]);
  });
});

describe('sagas that have continued since the list was updated', () => {
  it('are listed with their state in the list, and are not timed out for an old deadline', async () => {
    const rig = new Rig(await open('saga_behind'));
    await rig.apply('a', 0, started('a'));
    await rig.apply('b', 0, started('b'));
    await rig.store.append([{ stream: 'saga-a', expectedVersion: 1, events: [completed(0, time(40))] }]);
    const [running] = await rig.finder.list({ status: 'running', limit: 1, correlationId: 'of-a' });
    expect(running?.pending).toEqual(pending(0, time(30)));
    expect((await rig.finder.overdue(new Date(time(35)), 9)).map(({ id }) => id)).toEqual(['b']);
    await rig.store.append([{ stream: 'saga-b', expectedVersion: 1, events: [parked] }]);
    expect(await rig.finder.overdue(new Date(time(35)), 9)).toEqual([]);
    expect(await rig.statuses()).toEqual({ a: 'running', b: 'running' });
  });

  it('are shown as far as their events can be read, if an event is unknown', async () => {
    const rig = new Rig(await open('saga_unknown_event'));
    await rig.apply('a', 0, started('a'), { type: 'step-unknown', at: time(1), data: {} } as never);
    expect((await rig.finder.overdue(new Date(time(35)), 9)).map(({ id }) => id)).toEqual(['a']);
    expect(await rig.statuses()).toEqual({ a: 'running' });
    expect(await new PostgresSetAsides(rig.database.pool).of('saga-list')).toEqual([
      { stream: 'saga-a', position: '2' },
    ]);
  });
});

describe('the list of sagas of the previous version', () => {
  it('is continued: rows, deadlines and set-aside entries, while the previous version continues with its own', async () => {
    const old = await open('saga_list_before', before);
    const store = new PostgresEventStore(old.pool);
    const append = (id: string, ...events: SagaEvent[]) =>
      store.append([{ stream: `saga-${id}`, expectedVersion: 0, events }]);
    await append('open', started('open'));
    await append('ended', started('ended'), completed(0, time(40)), completed(1));
    await append('aside', started('aside'), { type: 'step-unknown', at: time(1), data: {} } as never, parked);
    for (const [id, status, deadline] of [
      ['open', 'running', time(30)],
      ['ended', 'completed', null],
      ['aside', 'running', time(30)],
    ])
      await old.query(
        `insert into saga_view (id, correlation_id, status, started_at, deadline, state)
         values ($1, 'of-' || $1, $2, $3, $4, '{"definition": "trip", "version": 3}')`,
        [id, status, time(0), deadline],
      );
    await old.query(
      `insert into projection select 'saga-view', tx, seq from events order by tx desc, seq desc limit 1`,
    );
    const aside = { stream: 'saga-aside', position: '2', reason: 'event 2 (step-unknown): unexpected case' };
    await new PostgresSetAsides(old.pool).add('saga-view', [aside]);
    await append('late', started('late'));

    const [{ name }] = (await old.query<{ name: string }>('select current_database() as name')) as [{ name: string }];
    const database = await Database.open({ name: 'test', url: server.url(name), migrations });
    opened.push(database);
    const rig = new Rig(database);
    expect(await rig.statuses()).toEqual({ open: 'running', ended: 'completed', aside: 'running' });
    expect(await rig.finder.open()).toEqual([
      { definition: 'trip', state: 'running', count: 2, oldest: new Date(time(0)) },
    ]);
    expect(await rig.finder.deadlines(['open', 'ended'])).toEqual(
      new Map([
        ['open', time(30)],
        ['ended', undefined],
      ]),
    );
    const projector = new Projector(database, sagaList());
    await eventually(async () => expect(await projector.catchUp()).toBe(1));
    expect(await rig.statuses()).toMatchObject({ late: 'running' });

    await old.query(`update events set type = 'step-retried', data = $1 where stream = 'saga-aside' and version = 2`, [
      JSON.stringify({ reason: 'late', next: pending(0, time(31)) }),
    ]);
    expect(await projector.retry(['saga-aside'])).toEqual(['saga-aside']);
    expect(await rig.statuses()).toMatchObject({ aside: 'parked' });
    const asides = await new PostgresSetAsides(database.pool).list({ limit: 9 });
    expect(asides).toMatchObject([{ what: 'saga-view', ...aside }]);
    expect(await old.query('select id from saga_view')).toHaveLength(3);
  });
});
