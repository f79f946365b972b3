import { jest } from '@jest/globals';
import { newId } from '@seam/kernel';
import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, everythingIn, startTestServer } from '@seam/persistence/testing';
import pg from 'pg';
import { EventKind, eventWork } from '../event-work.js';
import { FORGOTTEN } from '../personal-data.js';
import { SnapshotWriter } from '../snapshots.js';
import {
  describePersonalKeys,
  type Parcel,
  type ParcelEvent,
  Parcels,
  type PersonalKeysRig,
} from '../testing/personal-keys.suite.js';
import { eventMigrations } from './event-migrations.js';
import { EventWorkAdapter } from './event-work-adapter.js';
import { added, Tally } from '../testing/tally.js';
import { FoldProjection } from './fold-projection.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { Projector } from './projector.js';
import { statesReached } from './stream-states.js';

let server: EmbeddedPostgres;
let database: Database;
let url: string;
const writers: SnapshotWriter[] = [];

beforeAll(async () => {
  server = await startTestServer();
  url = await createTestDatabase(server, 'personal');
  const migrations = [...messagingMigrations, ...eventMigrations];
  database = await Database.open({ name: 'test', url, migrations });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

function aProcess(cached = 0): PersonalKeysRig['one'] {
  const store = new PostgresEventStore(database.pool);
  const snapshots = new SnapshotWriter(store);
  writers.push(snapshots);
  const relay = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };
  const committer = new PostgresCommitter({ service: 'test', database, relay });
  committer.register(EventKind, new EventWorkAdapter(store, cached, { snapshots }));
  return { store, committer };
}

describePersonalKeys('PostgreSQL', () =>
  Promise.resolve({
    one: aProcess(),
    other: aProcess(),
    stored: async () => {
      await Promise.all(writers.map((writer) => writer.idle()));
      return [...(await everythingIn(url)).values()].flat().join('\n');
    },
    damage: async (stream) => {
      const text = `update events set data = replace(data::text, '"text":"', '"text":"AAAA')::json where stream = $1`;
      await database.query(text, [stream]);
    },
  }),
);

const at = '2026-11-22T09:30:00.000Z';

it('does not decide on a forgotten person’s data from its memory, in a process that caches states', async () => {
  const { store, committer } = aProcess(100);
  const [id, from] = [newId(), newId()];
  const sent = { type: 'sent' as const, at, data: { from, to: newId(), note: 'ring twice', pieces: 1 } };
  const deciding = (events: ParcelEvent[]): Promise<string> =>
    committer.commit(
      eventWork({ parcel: { aggregate: Parcels, id } }, ({ parcel }) => ({
        events: { parcel: events },
        value: parcel.note,
      })),
    );
  await deciding([sent]);
  expect(await deciding([])).toBe('ring twice');
  await Promise.all(writers.map((writer) => writer.idle()));
  expect(await database.query('select stream from snapshot')).toEqual([]);
  await store.personalKeys.forget(from);
  expect(await deciding([])).toBe(FORGOTTEN);
});

it('asks for no key where an aggregate declares no personal data', async () => {
  const { store, committer } = aProcess();
  const id = newId();
  const query = jest.spyOn(pg.Client.prototype, 'query');
  await committer.commit(
    eventWork({ tally: { aggregate: Tally, id } }, () => ({ events: { tally: [added(1)] }, value: undefined })),
  );
  await store.read(`tally-${id}`);
  await store.readMany([`tally-${id}`]);
  await store.readAll('tally', undefined, 10);
  const texts = (query.mock.calls as unknown[][]).map(([statement]) => JSON.stringify(statement));
  query.mockRestore();
  expect(texts.some((text) => text.includes('events'))).toBe(true);
  expect(texts.filter((text) => text.includes('person_key'))).toEqual([]);
});

it('rebuilds a read model without what was forgotten, and makes later rows without it', async () => {
  const { store, committer } = aProcess();
  const [id, from, to] = [newId(), newId(), newId()];
  const append = (event: ParcelEvent): Promise<unknown> =>
    committer.commit(
      eventWork({ parcel: { aggregate: Parcels, id } }, () => ({ events: { parcel: [event] }, value: undefined })),
    );
  await database.query('create table parcel_list (id text primary key, parcel json not null)');
  const row = async (): Promise<unknown> =>
    (await database.query<{ parcel: unknown }>('select parcel from parcel_list where id = $1', [id]))[0]?.parcel;
  const projection = new FoldProjection<Parcel, ParcelEvent>({
    name: 'parcels',
    aggregate: Parcels,
    rows: {
      tables: ['parcel_list'],
      row: (of, parcel) => ({ id: of, parcel }),
      states: (reached, db) => statesReached(Parcels, reached, db as pg.PoolClient),
      write: async (rows, db) => {
        const text = `insert into parcel_list select * from json_to_recordset($1) as r(id text, parcel json)
                      on conflict (id) do update set parcel = excluded.parcel`;
        await db.query(text, [JSON.stringify(rows)]);
      },
    },
  });
  const projector = new Projector(database, projection);
  await append({ type: 'sent', at, data: { from, to, note: 'ring twice', greeting: 'my dear', pieces: 1 } });
  await projector.catchUp();
  expect(await row()).toMatchObject({ note: 'ring twice', greeting: 'my dear' });

  await store.personalKeys.forget(from);
  await append({ type: 'renamed', at, data: { name: 'Polly' } });
  await projector.catchUp();
  expect(await row()).toMatchObject({ note: FORGOTTEN, greeting: 'my dear', name: 'Polly' });
  await store.personalKeys.forget(to);
  await projector.rebuild();
  expect(await row()).toMatchObject({ note: FORGOTTEN, greeting: FORGOTTEN, name: FORGOTTEN });
});
