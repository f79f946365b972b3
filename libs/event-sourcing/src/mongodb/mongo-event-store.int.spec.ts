import { newId } from '@seam/kernel';
import { messagingCollections } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
import { describeEventStore } from '../testing/event-store.suite.js';
import { added, Tally } from '../testing/tally.js';
import { readStream } from '../unreadable-stream.js';
import { eventCollections } from './collections.js';
import { MongoEventStore } from './mongo-event-store.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  const opened: MongoDatabase[] = [];
  afterAll(async () => {
    for (const database of opened) await database.close();
  });

  describeEventStore('MongoDB', async () => {
    const database = await openTestMongo(mongo!.url, 'events', [...messagingCollections, ...eventCollections]);
    opened.push(database);
    return new MongoEventStore(database);
  });

  it('reads, and continues, what a process of a release before schema versions and metadata has appended', async () => {
    const database = await openTestMongo(mongo!.url, 'before', [...messagingCollections, ...eventCollections]);
    opened.push(database);
    const store = new MongoEventStore(database);
    const stream = `tally-${newId()}`;
    const first = { stream, version: 1, ...added(1) };
    await database
      .collection<{ _id: string }>('commits')
      .insertOne({ _id: newId(), slots: [`${stream}@1`], events: [first], unplaced: true } as { _id: string });
    const metadata = { traceId: 'a'.repeat(32) };
    await store.append([{ stream, expectedVersion: 1, events: [added(2)] }], metadata);
    expect(await store.read(stream)).toEqual([
      { ...first, schemaVersion: 1 },
      { ...added(2), stream, version: 2, schemaVersion: 1, metadata },
    ]);
  });

  it.each(['no JSON', null, 7])('a snapshot whose state is %j is not used', async (state) => {
    const database = await openTestMongo(mongo!.url, 'damaged', [...messagingCollections, ...eventCollections]);
    opened.push(database);
    const store = new MongoEventStore(database);
    const stream = `tally-${newId()}`;
    await store.append([{ stream, expectedVersion: 0, events: [added(1)] }]);
    await store.saveSnapshots([{ stream, version: 1, shape: 1, state: {} }]);
    const filter = { _id: stream };
    await database.collection<{ _id: string }>('snapshots').updateOne(filter, { $set: { state } });
    const read = await store.readSince([{ stream, shape: 1 }]);
    expect(read.get(stream)).toEqual({ events: [expect.objectContaining({ version: 1 })] });
  });

  it.each([
    ['without its events', { events: null }],
    ['with an event that is not an object', { 'events.0': null }],
    [
      'with an event of another stream and without a time',
      { 'events.0': { stream: 'tally-ok', version: 9, type: 'added', data: {} } },
    ],
  ])('a commit %s makes its stream unreadable, and no other', async (_, damage) => {
    const database = await openTestMongo(mongo!.url, 'damaged', [...messagingCollections, ...eventCollections]);
    opened.push(database);
    const store = new MongoEventStore(database);
    const [bad, good] = [`tally-${newId()}`, `tally-${newId()}`];
    for (const stream of [bad, good]) await store.append([{ stream, expectedVersion: 0, events: [added(1)] }]);
    await store.append([{ stream: bad, expectedVersion: 1, events: [added(2)] }]);
    await database.collection('commits').updateOne({ slots: `${bad}@1` }, { $set: damage });
    const read = await store.readMany([bad, good]);
    expect(readStream(Tally, bad, read.get(bad)!)).toMatchObject({ version: 2, unreadable: { version: 1 } });
    expect(readStream(Tally, good, read.get(good)!)).toEqual({ version: 1, state: { sum: 1, events: 1 } });
    const all = await store.readAll('tally', undefined, 1_000);
    expect(all.filter(({ stream }) => stream === good)).toHaveLength(1);
    expect(all.filter(({ stream }) => stream === bad).map(({ version }) => version)).toEqual([1, 2]);
  });
});
