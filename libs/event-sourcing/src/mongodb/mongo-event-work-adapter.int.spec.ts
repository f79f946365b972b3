import { messagingCollections, MongoCommitter, MongoOutbox } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
import type { EventWorkHooks } from '../deciding.js';
import { EventKind } from '../event-work.js';
import { describeEventWorks } from '../testing/event-works.suite.js';
import { eventCollections } from './collections.js';
import { MongoEventStore } from './mongo-event-store.js';
import { MongoEventWorkAdapter } from './mongo-event-work-adapter.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  afterAll(() => database.close());

  describeEventWorks(
    'event works on MongoDB',
    async () => {
      database = await openTestMongo(mongo!.url, 'works', [...messagingCollections, ...eventCollections]);
      const store = new MongoEventStore(database);
      const relay = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };
      const committer = (hooks?: EventWorkHooks): MongoCommitter => {
        const made = new MongoCommitter({ service: 'test', database, outbox: new MongoOutbox(database), relay });
        made.register(EventKind, new MongoEventWorkAdapter(store, hooks));
        return made;
      };
      return { store, committer };
    },
    10,
  );
});
