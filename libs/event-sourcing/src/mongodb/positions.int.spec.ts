import { messagingCollections } from '@seam/messaging/mongodb';
import { openTestMongo } from '@seam/persistence/testing';
import { engine } from '@seam/testing/engines';
import { describeReachingPositions } from '../testing/reach-position.suite.js';
import { Tally, tallyRow } from '../testing/tally.js';
import { eventCollections } from './collections.js';
import { MongoEventStore } from './mongo-event-store.js';
import { MongoProjector } from './mongo-projector.js';
import { MongoView } from './mongo-view.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  describeReachingPositions('MongoDB', async () => {
    const database = await openTestMongo(mongo!.url, 'reach', [...messagingCollections, ...eventCollections]);
    const store = new MongoEventStore(database);
    const options = { batch: 3, everyMs: 5, gatherMs: 1, spacingMs: 1 };
    return {
      store,
      projector: () => {
        const view = new MongoView(database, { name: 'tally_view', aggregate: Tally, row: tallyRow, indexes: [] });
        return new MongoProjector(store, view, options);
      },
      close: () => database.close(),
    };
  });
});
