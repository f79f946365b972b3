import { engine } from '@seam/testing/engines';
import { openTestMongo } from '../testing/index.js';
import type { MongoDatabase } from './mongo-database.js';
import { isDuplicateKey } from './mongo-errors.js';
import type { MongoModelSpec } from './mongo-model.js';

interface Thing {
  readonly _id: string;
  readonly name: string;
  readonly at?: Date;
}

const things: MongoModelSpec<Thing> = {
  name: 'things',
  fields: { _id: String, name: { type: String, required: true }, at: Date },
  indexes: [{ name: 'by_name', key: { name: 1 }, unique: true }],
};

const mongo = engine('mongodb');

(mongo ? describe : describe.skip)('a model', () => {
  let database: MongoDatabase;
  beforeAll(async () => {
    database = await openTestMongo(mongo!.url, 'model', [things]);
  });
  beforeEach(() => database.collection('things').deleteMany({}));
  afterAll(() => database.close());

  const stored = (): Promise<unknown> => database.collection<Thing>('things').find().toArray();

  it('stores its fields under their names, and no other fields', async () => {
    const model = database.model(things);
    const at = new Date();
    await model.run((all) => all.insertOne({ _id: 'a', name: 'A', at }));
    await model.run((all) => all.insertMany([{ _id: 'b', name: 'B' }], { ordered: false }));
    await model.run((all) => all.updateOne({ _id: 'c' }, { $setOnInsert: { name: 'C' } }, { upsert: true }));
    await model.run((all) =>
      all.bulkWrite([{ replaceOne: { filter: { _id: 'd' }, replacement: { name: 'D' }, upsert: true } }]),
    );
    expect(await stored()).toEqual([
      { _id: 'a', name: 'A', at },
      { _id: 'b', name: 'B' },
      { _id: 'c', name: 'C' },
      { _id: 'd', name: 'D' },
    ]);
  });

  it('refuses an undeclared field, and a value of another type, before anything is sent', async () => {
    const model = database.model(things);
    const wrong = [
      { _id: 'a', name: 'A', colour: 'red' },
      { _id: 'a', name: 'A', at: 'never' },
      { _id: 'a' },
    ] as unknown as Thing[];
    for (const one of wrong) await expect(model.run((all) => all.insertOne(one))).rejects.toThrow();
    const unknown = { $set: { colour: 'red' } } as object;
    await expect(model.run((all) => all.updateOne({ _id: 'a' }, unknown, { upsert: true }))).rejects.toThrow(/colour/);
    await expect(model.run((all) => all.find({ colour: 'red' } as object).lean())).rejects.toThrow(/colour/);
    expect(await stored()).toEqual([]);
  });

  it('reads documents of an older version, with undeclared fields', async () => {
    const older = { _id: 'a', name: 'A', colour: 'red' };
    await database.collection<Thing>('things').insertOne(older);
    expect(await database.model(things).run((all) => all.findOne({ _id: 'a' }).lean())).toEqual(older);
  });

  it('has the indexes that it declares, created when the database is opened', async () => {
    const model = database.model(things);
    const { name, key, unique } = (await database.collection('things').indexes()).find(
      (one) => one.name === 'by_name',
    )!;
    expect({ name, key, unique }).toEqual({ name: 'by_name', key: { name: 1 }, unique: true });
    await model.run((all) => all.insertOne({ _id: 'a', name: 'A' }));
    const again = await model.run((all) => all.insertOne({ _id: 'b', name: 'A' })).catch((error: unknown) => error);
    expect(isDuplicateKey(again)).toBe(true);
  });
});
