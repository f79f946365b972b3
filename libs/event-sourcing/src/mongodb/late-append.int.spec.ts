import { messagingCollections } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { openTestMongo } from '@seam/persistence/testing';
import { engine } from '@seam/testing/engines';
import { describeLateAppends } from '../testing/late-appends.js';
import { Tally, tallyRow } from '../testing/tally.js';
import { EVENT_COMMITS, eventCollections } from './collections.js';
import { MongoEventStore } from './mongo-event-store.js';
import { MongoProjector } from './mongo-projector.js';
import { MongoView } from './mongo-view.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  afterAll(() => database.close());

  /** A database whose commits have their ids, and so their time, before they are sent to the server. */
  const heldUntil = (released: Promise<void>, open: () => void): Pick<MongoDatabase, 'collection' | 'model'> => ({
    collection: ((name: string) => {
      const collection = database.collection(name);
      if (name !== EVENT_COMMITS) return collection;
      return new Proxy(collection, {
        get: (target, property) => {
          const value: unknown = Reflect.get(target, property);
          if (typeof value !== 'function') return value;
          if (property !== 'insertOne') return value.bind(target) as unknown;
          return async (...args: unknown[]) => {
            open();
            await released;
            return Reflect.apply(value, target, args) as unknown;
          };
        },
      });
    }) as MongoDatabase['collection'],
    model: (spec) => database.model(spec),
  });

  describeLateAppends('MongoDB', async () => {
    database = await openTestMongo(mongo!.url, 'late', [...messagingCollections, ...eventCollections]);
    const view = new MongoView(database, { name: 'tally_view', aggregate: Tally, row: tallyRow, indexes: [] });
    return {
      store: new MongoEventStore(database),
      projector: new MongoProjector(new MongoEventStore(database), view, { everyMs: 5, spacingMs: 1 }),
      sums: async () => (await view.find({ filter: {}, sort: { _id: 1 }, limit: 5_000 })).map(({ sum }) => sum),
      hold: async (append) => {
        let release = (): void => undefined;
        const released = new Promise<void>((resolve) => (release = resolve));
        let appending = Promise.resolve();
        await new Promise<void>((opened) => {
          appending = append(new MongoEventStore(heldUntil(released, opened)));
        });
        return {
          commit: () => {
            release();
            return appending;
          },
        };
      },
    };
  });
});
