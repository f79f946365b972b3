import { isDuplicateKey, type MongoDatabase, type MongoModel, type MongoModelSpec } from '@seam/persistence/mongodb';
import { newPersonKey, PersonalKeys, type PersonKey, personKeyOf } from '../personal-keys.js';

interface PersonKeyDocument {
  /** The person's id. */
  readonly _id: string;
  /** Base64. Missing: the person was forgotten, and gets no key again. */
  readonly key?: string;
  readonly createdAt: Date;
  readonly forgottenAt?: Date;
}

export const personKeyModel: MongoModelSpec<PersonKeyDocument> = {
  name: 'person_keys',
  fields: { _id: String, key: String, createdAt: { type: Date, required: true }, forgottenAt: Date },
  indexes: [],
};

/** The keys in a collection of the service's database. */
export class MongoPersonalKeys extends PersonalKeys {
  readonly #keys: MongoModel<PersonKeyDocument>;

  constructor(database: Pick<MongoDatabase, 'model'>) {
    super();
    this.#keys = database.model(personKeyModel);
  }

  override async existing(persons: readonly string[]): Promise<ReadonlyMap<string, PersonKey>> {
    const found = await this.#keys.run((keys) => keys.find({ _id: { $in: [...persons] } }).lean());
    return new Map(
      found.map(({ _id, key }) => [_id, personKeyOf(key === undefined ? null : Buffer.from(key, 'base64'))]),
    );
  }

  override async made(persons: readonly string[]): Promise<ReadonlyMap<string, PersonKey>> {
    const existing = await this.existing(persons);
    const missing = persons.filter((person) => !existing.has(person));
    if (missing.length === 0) return existing;
    const createdAt = new Date();
    const operations = missing.map((_id) => ({
      updateOne: {
        filter: { _id },
        update: { $setOnInsert: { key: newPersonKey().toString('base64'), createdAt } },
        upsert: true,
      },
    }));
    await this.#keys
      .run((keys) => keys.bulkWrite(operations, { ordered: false, throwOnValidationError: true }))
      .catch(ignoreDuplicates);
    return this.existing(persons);
  }

  override async forget(person: string): Promise<void> {
    const now = new Date();
    const update = { $unset: { key: 1 }, $set: { forgottenAt: now }, $setOnInsert: { createdAt: now } };
    const forgotten = (): Promise<unknown> =>
      this.#keys.run((keys) =>
        keys.updateOne({ _id: person, forgottenAt: { $exists: false } }, update, { upsert: true }).exec(),
      );
    // The upsert of one that was forgotten before, or whose key is created at this moment: the second time it is found.
    await forgotten().catch(async (error: unknown) => {
      ignoreDuplicates(error);
      await forgotten().catch(ignoreDuplicates);
    });
  }
}

function ignoreDuplicates(error: unknown): void {
  if (!isDuplicateKey(error)) throw error;
}
