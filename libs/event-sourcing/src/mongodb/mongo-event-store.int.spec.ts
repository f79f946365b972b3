import { messagingCollections } from '@seam/messaging';
import type { MongoDatabase } from '@seam/persistence';
import { engine } from '@seam/testing';
import { openTestMongo } from '../../../persistence/src/testing/index.js';
import { describeEventStore } from '../testing/event-store.suite.js';
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
});
