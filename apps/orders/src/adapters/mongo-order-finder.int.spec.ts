import { eventCollections, MongoEventStore, MongoProjector } from '@seam/event-sourcing/mongodb';
import { messagingCollections } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
import { describeOrderFinder } from '../ports/order-finder.suite.js';
import { MongoOrderFinder, mongoOrderView } from './mongo-order-finder.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  afterAll(() => database.close());

  describeOrderFinder('MongoDB', async () => {
    database = await openTestMongo(mongo!.url, 'order_finder', [...messagingCollections, ...eventCollections]);
    const store = new MongoEventStore(database);
    const projector = new MongoProjector(store, mongoOrderView(database), { batch: 4 });
    return { finder: new MongoOrderFinder(mongoOrderView(database)), store, projector };
  });
});
