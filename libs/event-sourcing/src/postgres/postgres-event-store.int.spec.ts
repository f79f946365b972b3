import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { describeEventStore } from '../testing/event-store.suite.js';
import { added, Tally } from '../testing/tally.js';
import { readStream } from '../unreadable-stream.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { eventMigrations } from './event-migrations.js';

let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  server = await startTestServer();
  const url = await createTestDatabase(server, 'events');
  database = await Database.open({ name: 'test', url, migrations: [...eventMigrations] });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

describeEventStore('PostgreSQL', async () => {
  await database.query('truncate events');
  return new PostgresEventStore(database.pool);
});

it('reads, and continues, what a process of a release before schema versions and metadata has appended', async () => {
  await database.query('truncate events');
  const store = new PostgresEventStore(database.pool);
  const { type, at, data } = added(1);
  const insert = 'insert into events (stream, version, type, data, at) values ($1, 1, $2, $3, $4)';
  await database.query(insert, ['tally-old', type, data, at]);
  const metadata = { traceId: 'a'.repeat(32) };
  await store.append([{ stream: 'tally-old', expectedVersion: 1, events: [added(2)] }], metadata);
  const event = { stream: 'tally-old', type, at, schemaVersion: 1 };
  expect(await store.read('tally-old')).toEqual([
    { ...event, version: 1, data },
    { ...event, version: 2, data: { n: 2 }, metadata },
  ]);
});

it('stores no schema version where it is 1', async () => {
  await database.query('truncate events');
  const store = new PostgresEventStore(database.pool);
  for (const expectedVersion of [0, 1, 2])
    await store.append([{ stream: 'tally-x', expectedVersion, events: [{ ...added(1), schemaVersion: 1 }] }]);
  await store.append([{ stream: 'tally-x', expectedVersion: 3, events: [{ ...added(1), schemaVersion: 2 }] }]);
  expect(await database.query('select schema_version as v from events order by version')).toEqual(
    [null, null, null, 2].map((v) => ({ v })),
  );
});

it.each([
  ['no time', "update events set at = 'infinity' where stream = $1 and version = 2", 'it is not an event'],
  ['no object in it', `update events set data = '"text"' where stream = $1 and version = 2`, 'it is not an event'],
  ['gone missing', 'delete from events where stream = $1 and version = 2', 'the event before it is missing'],
])('an event that has %s makes its stream unreadable, and no other', async (_, damage, reason) => {
  await database.query('truncate events');
  const store = new PostgresEventStore(database.pool);
  const streams = ['tally-bad', 'tally-good'];
  for (const stream of streams)
    await store.append([{ stream, expectedVersion: 0, events: [added(1), added(2), added(3)] }]);
  await database.query(damage, ['tally-bad']);
  const read = await store.readMany(streams);
  const { version, unreadable } = readStream(Tally, 'tally-bad', read.get('tally-bad')!);
  expect([version, unreadable]).toEqual([3, expect.objectContaining({ version: 2, cause: new Error(reason) })]);
  expect(readStream(Tally, 'tally-good', read.get('tally-good')!).state).toEqual({ sum: 6, events: 3 });
  const all = await store.readAll('tally', undefined, 10);
  expect(all.filter(({ stream }) => stream === 'tally-good')).toHaveLength(3);
});
