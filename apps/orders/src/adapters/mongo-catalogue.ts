import { Injectable } from '@nestjs/common';
import { naturallyIdempotent, type Work, work, type WorkKind } from '@seam/messaging';
import { MongoCommitter, type MongoDecision, type MongoInput, type MongoWorkAdapter } from '@seam/messaging/mongodb';
import { isDuplicateKey, MongoDatabase, type MongoModel, type MongoModelSpec } from '@seam/persistence/mongodb';
import type { Price } from '../domain/pricing.js';
import { Catalogue, latestOf, type Product } from '../ports/catalogue.js';
import { CachedPrices } from './cached-prices.js';

const CatalogueKind: WorkKind<Product, void> = { name: 'catalogue' };

interface ProductDocument {
  /** The SKU. */
  readonly _id: string;
  readonly revision: number;
  readonly price: Price['price'];
  readonly active: boolean;
}

export const catalogueModel: MongoModelSpec<ProductDocument> = {
  name: 'catalogue',
  fields: {
    _id: String,
    revision: { type: Number, required: true },
    price: {
      amount: { type: Number, required: true },
      currency: { type: String, required: true },
    },
    active: { type: Boolean, required: true },
  },
  indexes: [],
};

/**
 * The copy in MongoDB, with a cache of recently used prices. A product's revision shows which change is older, so
 * keeping a product needs no inbox mark and no commit of its own.
 */
@Injectable()
export class MongoCatalogue extends Catalogue implements MongoWorkAdapter<Product, void> {
  readonly #products: MongoModel<ProductDocument>;
  readonly #prices: CachedPrices;

  constructor(database: MongoDatabase, committer: MongoCommitter) {
    super();
    this.#products = database.model(catalogueModel);
    this.#prices = new CachedPrices((skus) => this.#read(skus), false);
    committer.register(CatalogueKind, this);
  }

  prices(skus: readonly string[]): Promise<Map<string, Price>> {
    return this.#prices.of(skus);
  }

  keep(product: Product): Work<void> {
    return naturallyIdempotent(work(CatalogueKind, product, () => ({ value: undefined, messages: [] })));
  }

  async decide(inputs: readonly MongoInput<Product>[]): Promise<readonly MongoDecision<void>[]> {
    const latest = latestOf(inputs.map(({ input }) => input));
    const operations = latest.map(({ sku, revision, price, active }) => ({
      replaceOne: {
        filter: { _id: sku, revision: { $lt: revision } },
        replacement: { revision, price, active },
        upsert: true,
      },
    }));
    try {
      await this.#products.run((products) =>
        products.bulkWrite(operations, { ordered: false, throwOnValidationError: true }),
      );
    } catch (error) {
      // The product is already stored with this revision or a later one.
      if (!isDuplicateKey(error)) throw error;
    } finally {
      this.#prices.forget(latest.map(({ sku }) => sku));
    }
    return inputs.map(() => ({ result: undefined }));
  }

  async #read(skus: readonly string[]): Promise<(readonly [string, Price])[]> {
    const found = await this.#products.run((products) => products.find({ _id: { $in: [...skus] } }).lean());
    return found.map(({ _id, price, active }) => [_id, { price, active }]);
  }
}
