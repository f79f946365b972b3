import { messagingCollections, MongoCommitter, MongoOutbox } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { openTestMongo } from '@seam/persistence/testing';
import { engine } from '@seam/testing/engines';
import { EventKind } from '../event-work.js';
import { SnapshotWriter } from '../snapshots.js';
import { describePersonalKeys, type PersonalKeysRig } from '../testing/personal-keys.suite.js';
import { eventCollections } from './collections.js';
import { MongoEventStore } from './mongo-event-store.js';
import { MongoEventWorkAdapter } from './mongo-event-work-adapter.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  const writers: SnapshotWriter[] = [];
  afterAll(() => database.close());

  function aProcess(): PersonalKeysRig['one'] {
    const store = new MongoEventStore(database);
    const snapshots = new SnapshotWriter(store);
    writers.push(snapshots);
    const relay = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };
    const committer = new MongoCommitter({ service: 'test', database, outbox: new MongoOutbox(database), relay });
    committer.register(EventKind, new MongoEventWorkAdapter(store, { snapshots }));
    return { store, committer };
  }

  describePersonalKeys('MongoDB', async () => {
    database = await openTestMongo(mongo!.url, 'personal', [...messagingCollections, ...eventCollections]);
    return {
      one: aProcess(),
      other: aProcess(),
      stored: async () => {
        await Promise.all(writers.map((writer) => writer.idle()));
        const all = ['commits', 'snapshots'].map((name) => database.collection(name).find({}).toArray());
        return JSON.stringify(await Promise.all(all));
      },
      damage: async (stream) => {
        const update = { $set: { 'events.0.data._personal.0.text': 'AAAA' } };
        await database.collection('commits').updateOne({ slots: `${stream}@1` }, update);
      },
    };
  });
});
