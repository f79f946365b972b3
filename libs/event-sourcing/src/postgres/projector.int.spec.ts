import { Logger } from '@nestjs/common';
import { newId } from '@seam/kernel';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { eventually } from '@seam/testing';
import type { PoolClient } from 'pg';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import type { RecordedEvent } from '../event-store.js';
import type { Refused } from '../projection.js';
import type { Projection } from './postgres-projection.js';
import { added, reset, TallyTables1760000098000, tallyView } from '../testing/tally.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { Projector } from './projector.js';
import { PostgresSetAsides } from './postgres-set-asides.js';
import { eventMigrations } from './event-migrations.js';

const migrations = [...eventMigrations, TallyTables1760000098000];
let server: EmbeddedPostgres;
let database: Database;
let store: PostgresEventStore;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer();
  const url = await createTestDatabase(server, 'projector');
  database = await Database.open({
    name: 'test',
    url,
    migrations,
  });
  await database.query('create table seen (n integer, at bigint generated always as identity)');
  store = new PostgresEventStore(database.pool);
});
beforeEach(() => database.query('truncate events, projection, tally_view, seen, set_aside'));
afterAll(async () => {
  await database.close();
  await server.stop();
});

/** Records each event that it gets, and fails for those that `fail` matches. */
class Seen implements Projection {
  readonly name = 'seen';
  readonly category = 'tally';
  readonly tables = ['seen'];
  fail: (batch: number) => boolean = () => false;
  meanwhile: () => Promise<unknown> = () => Promise.resolve();
  batches = 0;

  async apply(events: readonly RecordedEvent[], db: Parameters<Projection['apply']>[1]): Promise<readonly Refused[]> {
    for (const { data } of events) await db.query('insert into seen (n) values ($1)', [(data as { n: number }).n]);
    await this.meanwhile();
    this.batches += 1;
    if (this.fail(this.batches)) throw new Error(`crash in batch ${this.batches}`);
    return [];
  }
}

const append = (n: number, by: Pick<PoolClient, 'query'> = database.pool, stream = `tally-${newId()}`): Promise<void> =>
  new PostgresEventStore(by).append([{ stream, expectedVersion: 0, events: [added(n)] }]);
const seen = async (): Promise<number[]> =>
  (await database.query<{ n: number }>('select n from seen order by at')).map(({ n }) => n);
const sumsOfRows = async (): Promise<number[]> =>
  (await database.query<{ sum: number }>('select sum from tally_view order by id')).map(({ sum }) => sum);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('a late commit', () => {
  it('is waited for, and no event is skipped, repeated or out of order', async () => {
    const projector = new Projector(database, new Seen(), { batch: 2 });
    await append(1);
    await projector.catchUp();
    const early = await database.pool.connect();
    await early.query('begin');
    await append(2, early);
    for (const n of range(3, 7)) await append(n);
    await projector.catchUp();
    await projector.catchUp();
    expect(await seen()).toEqual([1]);
    await early.query('commit');
    early.release();
    await eventually(async () => {
      await projector.catchUp();
      expect(await seen()).toEqual(range(1, 7));
    });
  });

  it('that is rolled back is not waited for any more', async () => {
    const projector = new Projector(database, new Seen());
    const early = await database.pool.connect();
    await early.query('begin');
    await append(1, early);
    await append(2);
    await projector.catchUp();
    expect(await seen()).toEqual([]);
    await early.query('rollback');
    early.release();
    await eventually(async () => {
      await projector.catchUp();
      expect(await seen()).toEqual([2]);
    });
  });

  it('among many that end in any order: each event appears once, in an order that never changes', async () => {
    const projector = new Projector(database, new Seen(), { batch: 3, everyMs: 1, gatherMs: 1 });
    projector.start();
    for (let round = 0; round < 8; round += 1) {
      const clients = await Promise.all([1, 2, 3].map(() => database.pool.connect()));
      for (const [index, client] of clients.entries()) {
        await client.query('begin');
        await append(round * 10 + index, client);
      }
      const order = round % 2 === 0 ? [2, 0, 1] : [1, 2, 0];
      for (const index of order) {
        await clients[index]!.query('commit');
        clients[index]!.release();
        await append(round * 10 + 5 + index);
      }
    }
    await eventually(async () => expect(await seen()).toHaveLength(48));
    await projector.stop();
    const live = await seen();
    expect(new Set(live).size).toBe(48);
    await projector.rebuild();
    await projector.catchUp();
    expect(await seen()).toEqual(live);
  });
});

describe('the lag of a read model', () => {
  it('is the age of the oldest event that is not applied', async () => {
    const projector = new Projector(database, new Seen());
    await append(1);
    await projector.catchUp();
    expect(projector.behindSeconds).toBeLessThan(5);
    const early = await database.pool.connect();
    await early.query('begin; select pg_current_xact_id()');
    const at = new Date(Date.now() - 90_000).toISOString();
    await store.append([{ stream: `tally-${newId()}`, expectedVersion: 0, events: [{ ...added(2), at }] }]);
    await projector.catchUp();
    expect(await seen()).toEqual([1]);
    expect(projector.behindSeconds).toBeGreaterThan(89);
    await early.query('rollback');
    early.release();
    await projector.catchUp();
    expect(await seen()).toEqual([1, 2]);
    expect(projector.behindSeconds).toBeLessThan(5);
  });

  it('includes events of an incomplete batch, and those that another process is applying', async () => {
    const at = new Date(Date.now() - 90_000).toISOString();
    for (const n of range(1, 3))
      await store.append([{ stream: `tally-${newId()}`, expectedVersion: 0, events: [{ ...added(n), at }] }]);
    const projection = new Seen();
    const projector = new Projector(database, projection, { batch: 2 });
    await database.query("insert into projection values ('seen', '0'::xid8, 0)");
    const other = new Projector(database, new Seen(), { batch: 2 });
    let meanwhile = 0;
    projection.meanwhile = async () => {
      if (projection.batches > 0) return;
      expect(await other.catchUp()).toBe(0);
      meanwhile = other.behindSeconds;
      expect(projector.behindSeconds).toBeLessThan(5);
    };
    projection.fail = (batch) => batch === 2;
    await expect(projector.catchUp()).rejects.toThrow('crash in batch 2');
    expect(meanwhile).toBeGreaterThan(89);
    expect(projector.behindSeconds).toBeGreaterThan(89);
  });
});

describe('a row that the store refuses', () => {
  it('is set aside, and the rows written with it are stored', async () => {
    const streams = ['a', 'b', 'c'].map((id) => `tally-${id}`);
    for (const [index, stream] of streams.entries())
      await store.append([{ stream, expectedVersion: 0, events: [added(index === 1 ? -5 : 5)] }]);
    const projector = new Projector(database, tallyView());
    await eventually(async () => expect(await projector.catchUp().then(sumsOfRows)).toEqual([5, 5]));
    const [aside] = await new PostgresSetAsides(database.pool).list({ limit: 10 });
    expect(aside).toMatchObject({ what: 'tally-view', stream: 'tally-b', position: '1' });
    expect(aside?.reason).toMatch(/^event 1 \(added\): .*violates check constraint/);
  });
});

describe('a projector', () => {
  it('applies each event once, however often it crashes between and within batches', async () => {
    for (const n of range(1, 20)) await append(n);
    const projection = new Seen();
    projection.fail = (batch) => batch % 3 !== 0;
    const projector = new Projector(database, projection, { batch: 3 });
    await eventually(async () => {
      await projector.catchUp();
      expect(await seen()).toEqual(range(1, 20));
    });
    expect(projection.batches).toBeGreaterThan(7);
    expect(await projector.catchUp()).toBe(0);
  });

  it('shares its checkpoint with another one: only one of them applies each event', async () => {
    for (const n of range(1, 30)) await append(n);
    const projectors = [1, 2].map(() => new Projector(database, new Seen(), { batch: 4 }));
    const applied = await Promise.all(projectors.map((projector) => projector.catchUp()));
    for (const n of range(31, 40)) await append(n);
    await eventually(async () => {
      await Promise.all(projectors.map((projector) => projector.catchUp()));
      expect(await seen()).toHaveLength(40);
    });
    expect(await seen()).toEqual(range(1, 40));
    expect(applied[0]! + applied[1]!).toBeLessThanOrEqual(30);
  });

  it('runs when it is woken, and periodically, and continues after an error', async () => {
    const projection = new Seen();
    projection.fail = (batch) => batch === 1;
    const projector = new Projector(database, projection, { everyMs: 5, gatherMs: 1 });
    projector.start();
    await append(1);
    projector.wake();
    await eventually(async () => expect(await seen()).toEqual([1]));
    await append(2);
    await eventually(async () => expect(await seen()).toEqual([1, 2]));
    await projector.stop();
    await append(3);
    projector.wake();
    expect(await seen()).toEqual([1, 2]);
  });

  it('uses at most one connection, however often it is woken during a run', async () => {
    let atOnce = 0;
    let most = 0;
    const counted: Pick<Database, 'transaction'> = {
      transaction: async (work) => {
        most = Math.max(most, (atOnce += 1));
        try {
          return await database.transaction(work);
        } finally {
          atOnce -= 1;
        }
      },
    };
    const projection = new Seen();
    let release!: () => void;
    projection.meanwhile = () => new Promise<void>((resolve) => (release = resolve));
    const projector = new Projector(counted, projection, { everyMs: 1, gatherMs: 1, spacingMs: 1 });
    await append(1);
    projector.start();
    await eventually(() => expect(release).toBeDefined());
    for (let wakes = 0; wakes < 20; wakes += 1) {
      projector.wake();
      await new Promise((run) => setTimeout(run, 2));
    }
    expect(most).toBe(1);
    projection.meanwhile = () => Promise.resolve();
    await append(2);
    projector.wake();
    release();
    await eventually(async () => expect(await seen()).toEqual([1, 2]));
    await projector.stop();
    expect(atOnce).toBe(0);
  });

  it('stops after the current batch, however many events remain', async () => {
    for (const n of range(1, 20)) await append(n);
    const projection = new Seen();
    const projector = new Projector(database, projection, { batch: 1 });
    let stopping: Promise<void> | undefined;
    projection.meanwhile = () => {
      stopping ??= projector.stop();
      return Promise.resolve();
    };
    projector.start();
    await eventually(() => expect(stopping).toBeDefined());
    await stopping;
    expect(await seen()).toEqual([1]);
  });
});

describe('a fold projection', () => {
  const rows = (): Promise<object[]> => database.query('select id, sum, state from tally_view order by id');

  it('has one row per stream, the same live and rebuilt, for any batch sizes', async () => {
    const live = new Projector(database, tallyView(), { batch: 2 });
    const expected = new Map<string, { sum: number; events: number }>();
    for (let round = 0; round < 6; round += 1) {
      for (const id of ['a', 'b', 'c']) {
        const before = expected.get(id) ?? { sum: 0, events: 0 };
        const now = round === 3 ? reset : added(round);
        await store.append([{ stream: `tally-${id}`, expectedVersion: before.events, events: [now] }]);
        expected.set(id, { sum: round === 3 ? 0 : before.sum + round, events: before.events + 1 });
      }
      await live.catchUp();
    }
    await eventually(async () => {
      await live.catchUp();
      expect(await rows()).toEqual([...expected].map(([id, state]) => ({ id, sum: state.sum, state })));
    });
    const before = await rows();
    await live.rebuild();
    await live.catchUp();
    expect(await rows()).toEqual(before);
  });

  it('shows the old rows to its readers until the rebuild is done', async () => {
    const view = tallyView();
    await store.append([{ stream: 'tally-a', expectedVersion: 0, events: [added(1)] }]);
    const projector = new Projector(database, view);
    await eventually(async () => expect(await projector.catchUp().then(rows)).toHaveLength(1));
    const during: object[][] = [];
    const slow: Projection = {
      name: view.name,
      category: view.category,
      apply: async (events, db) => {
        during.push(await rows());
        return view.apply(events, db);
      },
      tables: view.tables,
    };
    await new Projector(database, slow).rebuild();
    expect(during).toEqual([[{ id: 'a', sum: 1, state: { sum: 1, events: 1 } }]]);
  });
});
