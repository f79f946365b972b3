import { Logger } from '@nestjs/common';
import { messagingCollections } from '@seam/messaging/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
import { describeSettingAside } from '../testing/set-asides.suite.js';
import { Tally, type TallyEvent, tallyRow, type TallyState } from '../testing/tally.js';
import { eventCollections } from './collections.js';
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
});
