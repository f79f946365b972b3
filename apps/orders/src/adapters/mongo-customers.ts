import { Injectable } from '@nestjs/common';
import { naturallyIdempotent, type Work, work, type WorkKind } from '@seam/messaging';
import { MongoCommitter, type MongoDecision, type MongoInput, type MongoWorkAdapter } from '@seam/messaging/mongodb';
import { MongoDatabase, type MongoModel, type MongoModelSpec } from '@seam/persistence/mongodb';
import { type Customer, Customers, distinct } from '../ports/customers.js';

const CustomersKind: WorkKind<readonly Customer[], void> = { name: 'customers' };

interface CustomerDocument {
  readonly _id: string;
  readonly name: string;
  readonly email: string;
}

export const customerModel: MongoModelSpec<CustomerDocument> = {
  name: 'customers',
  fields: { _id: String, name: { type: String, required: true }, email: { type: String, required: true } },
  indexes: [{ name: 'by_email', key: { email: 1, _id: -1 } }],
};

/**
 * An account keeps its name and address, so storing it again changes nothing and needs no inbox mark and no commit of
 * its own.
 */
@Injectable()
export class MongoCustomers extends Customers implements MongoWorkAdapter<readonly Customer[], void> {
  readonly #customers: MongoModel<CustomerDocument>;

  constructor(database: MongoDatabase, committer: MongoCommitter) {
    super();
    this.#customers = database.model(customerModel);
    committer.register(CustomersKind, this);
  }

  override async named(ids: readonly string[]): Promise<ReadonlyMap<string, Customer>> {
    if (ids.length === 0) return new Map();
    const found = await this.#customers.run((customers) => customers.find({ _id: { $in: [...ids] } }).lean());
    return new Map(found.map((document) => [document._id, customerOf(document)]));
  }

  override async byEmail(email: string): Promise<Customer | undefined> {
    const found = await this.#customers.run((customers) => customers.findOne({ email }).sort({ _id: -1 }).lean());
    return found === null ? undefined : customerOf(found);
  }

  override keep(customers: readonly Customer[]): Work<void> {
    return naturallyIdempotent(work(CustomersKind, customers, () => ({ value: undefined, messages: [] })));
  }

  async decide(inputs: readonly MongoInput<readonly Customer[]>[]): Promise<readonly MongoDecision<void>[]> {
    const changed = distinct(inputs.map(({ input }) => input));
    const operations = changed.map(({ id, name, email }) => ({
      updateOne: { filter: { _id: id }, update: { $set: { name, email } }, upsert: true },
    }));
    if (operations.length > 0)
      await this.#customers.run((customers) =>
        customers.bulkWrite(operations, { ordered: false, throwOnValidationError: true }),
      );
    return inputs.map(() => ({ result: undefined }));
  }
}

const customerOf = ({ _id, name, email }: CustomerDocument): Customer => ({ id: _id, name, email });
