import { messagingCollections, MongoCommitter, MongoOutbox } from '@seam/messaging/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
import { type CustomersRig, describeCustomers } from '../ports/customers.suite.js';
import { customerModel, MongoCustomers } from './mongo-customers.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  afterAll(() => database.close());

  function rig(): CustomersRig {
    const relay = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };
    const committer = new MongoCommitter({ service: 'orders', database, outbox: new MongoOutbox(database), relay });
    return { committer, customers: new MongoCustomers(database, committer) };
  }

  describeCustomers('MongoDB', async () => {
    database = await openTestMongo(mongo!.url, 'customers', [...messagingCollections, customerModel]);
    return [rig(), rig()];
  });
});
