import { newId } from '@seam/kernel';
import { messagingCollections } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { openTestMongo } from '@seam/persistence/testing';
import { engine } from '@seam/testing/engines';
import type { RecordedEvent } from '../event-store.js';
import { added, Tally, type TallyEvent, tallyRow, type TallyState } from '../testing/tally.js';
import { eventCollections } from './collections.js';
import { MongoEventStore } from './mongo-event-store.js';
import { MongoView } from './mongo-view.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('a generation under construction on MongoDB', () => {
  let database: MongoDatabase;
  let view: MongoView<TallyState, TallyEvent>;
  let events: readonly RecordedEvent[];
  const stream = `${Tally.category}-${newId()}`;
  beforeAll(async () => {
    database = await openTestMongo(mongo!.url, 'filling', [...messagingCollections, ...eventCollections]);
    view = new MongoView(database, { name: 'tally_view', aggregate: Tally, row: tallyRow, indexes: [] });
    const store = new MongoEventStore(database);
    await store.append([{ stream, expectedVersion: 0, events: [added(1), added(2), added(4)] }]);
    events = await store.read(stream);
  });
  afterAll(() => database.close());

  const rowsOf = (generation: string): Promise<unknown[]> =>
    database
      .collection<{ _id: string }>(`tally_view_${generation}`)
      .find({}, { projection: { _id: 0, version: 1, sum: 1 } })
      .toArray();

  it('replaces a row of a lower version, as when a chunk that was cut off is read again with more events', async () => {
    const generation = view.begin();
    await view.apply(generation, events.slice(0, 1), true);
    expect(await view.apply(generation, events, true)).toEqual([]);
    expect(await rowsOf(generation)).toEqual([{ version: 3, sum: 7 }]);
  });

  it('keeps a row of a later version, as when another process is ahead', async () => {
    const generation = view.begin();
    await view.apply(generation, events, true);
    expect(await view.apply(generation, events.slice(0, 1), true)).toEqual([]);
    expect(await rowsOf(generation)).toEqual([{ version: 3, sum: 7 }]);
  });
});
