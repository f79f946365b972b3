import { eventCollections, MongoEventStore, MongoProjector } from '@seam/event-sourcing/mongodb';
import { messagingCollections } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
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
