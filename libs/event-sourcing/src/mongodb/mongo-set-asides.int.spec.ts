import { Logger } from '@nestjs/common';
import { messagingCollections } from '@seam/messaging/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
import { setAsideId } from '../set-asides.js';
import { describeSettingAside } from '../testing/set-asides.suite.js';
import { Tally, type TallyEvent, tallyRow, type TallyState } from '../testing/tally.js';
import { checkpointModel, eventCollections, type SetAsideDocument, setAsideModel } from './collections.js';
import { MongoEventStore } from './mongo-event-store.js';
import { MongoProjector } from './mongo-projector.js';
import { MongoSetAsides } from './mongo-set-asides.js';
import { MongoView } from './mongo-view.js';

const mongo = engine('mongodb');
const collections = [...messagingCollections, ...eventCollections];

(mongo ? describe : describe.skip)('on MongoDB', () => {
  beforeAll(() => Logger.overrideLogger(false));

  describeSettingAside('MongoDB', async () => {
    const own = await openTestMongo(mongo!.url, 'set_aside', collections);
    const view = (aggregate = Tally): MongoView<TallyState, TallyEvent> =>
      new MongoView(own, { name: 'tally_view', aggregate, row: tallyRow, indexes: [] });
    const ownStore = new MongoEventStore(own);
    return {
      store: ownStore,
      asides: new MongoSetAsides(own),
      readModel: 'tally_view',
      projector: (aggregate) =>
        new MongoProjector(ownStore, view(aggregate), { batch: 3, everyMs: 5, asideEveryMs: 5 }),
      rows: async () => (await view().find({ filter: {}, sort: { _id: 1 }, limit: 100 })).map(({ sum }) => sum),
      close: () => own.close(),
    };
  });

  it('stores entries under the field names of earlier versions, and reads and updates entries with a field it does not know', async () => {
    const own = await openTestMongo(mongo!.url, 'set_aside_stored', collections);
    const stored = own.collection<SetAsideDocument>(setAsideModel.name);
    const asides = new MongoSetAsides(own);
    const since = expect.any(Date) as Date;
    const [one, two] = ['tally-1', 'tally-2'].map((stream) => ({ stream, position: '3', reason: '' }));
    await asides.add('timers', [one!]);
    await asides.addTo('tally_view', 'g1', [{ ...two!, upTo: 4 }]);
    expect(await stored.find().sort({ stream: 1 }).toArray()).toEqual([
      { _id: setAsideId('timers', 'tally-1'), what: 'timers', ...one, upTo: 0, since },
      { _id: setAsideId('tally_view', 'tally-2', 'g1'), what: 'tally_view', generation: 'g1', ...two, upTo: 4, since },
    ]);
    const before = (await stored.findOne({ stream: 'tally-2' }))!;
    const other = { ...before, _id: setAsideId('tally_view', 'tally-3', 'g1'), stream: 'tally-3', added: 'later' };
    await stored.insertOne(other);
    await own
      .collection<{ _id: string }>(checkpointModel.name)
      .insertOne({ _id: 'tally_view', generation: 'g1' } as never);
    expect(await asides.among('tally_view', 'g1', ['tally-2', 'tally-3', 'tally-4'])).toEqual(
      new Set(['tally-2', 'tally-3']),
    );
    expect(await asides.find(other._id)).toMatchObject({ id: other._id, stream: 'tally-3', since: before.since });
    expect(await asides.leaveOut('tally_view', 'g1', 'tally-3', 7)).toBe(true);
    expect(await asides.leaveOut('tally_view', 'g1', 'tally-4', 7)).toBe(false);
    expect(await asides.release('tally_view', 'g1', 'tally-3', 6)).toBe(false);
    expect(await stored.findOne({ _id: other._id })).toEqual({ ...other, upTo: 7 });
    expect(await asides.release('tally_view', 'g1', 'tally-3', 7)).toBe(true);
    await own.close();
  });
});
