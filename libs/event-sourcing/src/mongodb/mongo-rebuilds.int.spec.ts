import type { MongoDatabase } from '@seam/persistence/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
import { describeRebuilds } from '../testing/rebuilds.suite.js';
import { eventCollections, type RebuildDocument, REBUILDS } from './collections.js';
import { MongoRebuilds } from './mongo-rebuilds.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  afterAll(() => database.close());

  describeRebuilds('MongoDB', async () => {
    database = await openTestMongo(mongo!.url, 'rebuilds', eventCollections);
    return {
      process: () => new MongoRebuilds(database, 3_000),
      // From now on the lease belongs to another owner, who does not renew it.
      kill: async () => {
        await database.collection<RebuildDocument>(REBUILDS).updateOne({}, { $set: { owner: 'nobody' } });
      },
    };
  });
});
