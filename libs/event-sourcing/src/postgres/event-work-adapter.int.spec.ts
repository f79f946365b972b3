import { newId } from '@seam/kernel';
import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import type { EventWorkHooks } from '../deciding.js';
import { EventKind, eventWork } from '../event-work.js';
import { describeEventWorks } from '../testing/event-works.suite.js';
import { added, Tally } from '../testing/tally.js';
import { EventWorkAdapter } from './event-work-adapter.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { eventMigrations } from './event-migrations.js';

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  const url = await createTestDatabase(server, 'works');
  const migrations = [...messagingMigrations, ...eventMigrations];
  database = await Database.open({ name: 'test', url, migrations });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

describe.each([0, 2, 10, 100])('with %s streams in memory', (cached) => {
  describeEventWorks('event works on PostgreSQL', () => {
    const store = new PostgresEventStore(database.pool);
    const relay = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };
    const committer = (hooks?: EventWorkHooks): PostgresCommitter => {
      const made = new PostgresCommitter({ service: 'test', database, relay });
      made.register(EventKind, new EventWorkAdapter(store, cached, hooks));
      return made;
    };
    return Promise.resolve({ store, committer, exclusive: cached > 0 });
  });
});

describe('settled streams', () => {
  /** A tally that is settled when its sum is 10 or more. */
  const Account: typeof Tally = { ...Tally, settled: ({ sum }) => sum >= 10 };

  it('leave the cache only when all streams of a work are settled', async () => {
    const read: string[] = [];
    class WatchedStore extends PostgresEventStore {
      override readMany(
        ...args: Parameters<PostgresEventStore['readMany']>
      ): ReturnType<PostgresEventStore['readMany']> {
        read.push(...args[0]);
        return super.readMany(...args);
      }
    }
    const relay = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };
    const committer = new PostgresCommitter({ service: 'test', database, relay });
    committer.register(EventKind, new EventWorkAdapter(new WatchedStore(database.pool), 10));
    const [a, b] = [newId(), newId()];
    const streams = { a: { aggregate: Account, id: a }, b: { aggregate: Account, id: b } };
    const add = (toA: number, toB: number): Promise<unknown> =>
      committer.commit(
        eventWork(streams, (before) => ({
          events: { a: [added(toA)], b: [added(toB)] },
          value: [before.a.sum, before.b.sum],
        })),
      );
    const both = [`tally-${a}`, `tally-${b}`];

    expect(await add(10, 1)).toEqual([0, 0]);
    expect(read.splice(0)).toEqual(both);
    expect(await add(1, 2)).toEqual([10, 1]);
    expect(await add(1, 7)).toEqual([11, 3]);
    expect(read).toEqual([]);
    expect(await add(1, 1)).toEqual([12, 10]);
    expect(read).toEqual(both);
  });
});
