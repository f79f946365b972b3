import type { MongoDatabase } from '@seam/persistence/mongodb';
import { engine } from '@seam/testing/engines';
import { openTestMongo } from '@seam/persistence/testing';
import { describeRebuilds } from '../testing/rebuilds.suite.js';
import { eventCollections, type RebuildDocument, rebuildModel } from './collections.js';
import { MongoRebuilds } from './mongo-rebuilds.js';

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('on MongoDB', () => {
  let database: MongoDatabase;
  beforeAll(async () => {
    database = await openTestMongo(mongo!.url, 'rebuilds', eventCollections);
  });
  afterAll(() => database.close());

  describeRebuilds('MongoDB', () =>
    Promise.resolve({
      process: () => new MongoRebuilds(database, 3_000),
      // From now on the lease belongs to another owner, who does not renew it.
      kill: async () => {
        await database.collection<RebuildDocument>(rebuildModel.name).updateOne({}, { $set: { owner: 'nobody' } });
      },
    }),
  );

  it('stores its lease under the field names of earlier versions, and takes over a lease of theirs that has ended', async () => {
    const rebuilds = database.collection<RebuildDocument>(rebuildModel.name);
    const stored = (): Promise<RebuildDocument[]> => rebuilds.find().toArray();
    const times = { since: expect.any(Date), leasedUntil: expect.any(Date) };
    const held = { _id: 'read-models', owner: expect.any(String), readModel: '', events: 0, ...times };
    const process = new MongoRebuilds(database, 60_000);
    await process.run(async () => expect(await stored()).toEqual([held]));
    expect(await stored()).toEqual([]);
    const at = new Date(Date.now() - 1_000);
    const overdue = { _id: 'read-models', owner: 'dead', since: at, readModel: 'list', events: 4, leasedUntil: at };
    await rebuilds.insertOne(overdue);
    expect(await process.running()).toBeUndefined();
    const [taken] = await process.run(stored);
    expect(taken).toEqual(held);
    expect([taken!.owner, taken!.since]).not.toEqual([overdue.owner, overdue.since]);
  });
});
