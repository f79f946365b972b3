import { messagingCollections, MongoCommitter, MongoOutbox } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
import { type CatalogueRig, describeCatalogue } from '../ports/catalogue.suite.js';
import { MongoCatalogue } from './mongo-catalogue.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  afterAll(() => database.close());

  function rig(): CatalogueRig {
    const relay = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };
    const committer = new MongoCommitter({ service: 'orders', database, outbox: new MongoOutbox(database), relay });
    return { committer, catalogue: new MongoCatalogue(database, committer) };
  }

  describeCatalogue('MongoDB', async () => {
    database = await openTestMongo(mongo!.url, 'catalogue', messagingCollections);
    return [rig(), rig()];
  });
});
