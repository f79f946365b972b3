import { eventCollections, MongoEventStore, MongoProjector } from '@seam/event-sourcing';
import { messagingCollections } from '@seam/messaging';
import type { MongoDatabase } from '@seam/persistence';
import { engine } from '@seam/testing';
import { openTestMongo } from '../../../persistence/src/testing/index.js';
import { describeSagaFinder } from '../testing/saga-finder.suite.js';
import { MongoSagaFinder, mongoSagaView } from './saga-view.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  afterAll(() => database.close());

  describeSagaFinder('MongoDB', async () => {
    database = await openTestMongo(mongo!.url, 'saga_finder', [...messagingCollections, ...eventCollections]);
    const store = new MongoEventStore(database);
    const projector = new MongoProjector(store, mongoSagaView(database), { batch: 4 });
    return { finder: new MongoSagaFinder(mongoSagaView(database)), store, projector };
  });
});
