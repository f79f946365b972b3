import { Injectable } from '@nestjs/common';
import { type Plan, PostgresCommitter, type WorkAdapter } from '@seam/messaging/postgres';
import { type Work, work, type WorkKind } from '@seam/messaging';
import { Database } from '@seam/persistence/postgres';
import { ProcessContext } from '@seam/process';
import type { Price } from '../domain/pricing.js';
import { Catalogue, latestOf, type Product } from '../ports/catalogue.js';
import { CachedPrices } from './cached-prices.js';

const CatalogueKind: WorkKind<Product, void> = { name: 'catalogue' };

interface Row {
  sku: string;
  price_amount: string;
  currency: string;
  active: boolean;
}

/** The copy in PostgreSQL, with a cache of recently used prices. */
@Injectable()
export class PostgresCatalogue extends Catalogue implements WorkAdapter<Product, void> {
  readonly #prices: CachedPrices;

  constructor(
    private readonly database: Database,
    committer: PostgresCommitter,
    context: ProcessContext,
  ) {
    super();
    this.#prices = new CachedPrices((skus) => this.#read(skus), context.exclusiveStore);
    committer.register(CatalogueKind, this);
  }

  prices(skus: readonly string[]): Promise<Map<string, Price>> {
    return this.#prices.of(skus);
  }

  keep(product: Product): Work<void> {
    return work(CatalogueKind, product, () => ({ value: undefined, messages: [] }));
  }

  plan(products: readonly Product[]): Promise<Plan<void>> {
    const latest = latestOf(products);
    const rows = latest.map(({ sku, revision, price, active }) => ({
      sku,
      revision,
      price_amount: price.amount,
      currency: price.currency,
      active,
    }));
    const forget = (): void => this.#prices.forget(latest.map(({ sku }) => sku));
    return Promise.resolve({
      results: products.map(() => undefined),
      writes: [{ sql: upsert, rows }],
      committed: forget,
      aborted: forget,
    });
  }

  async #read(skus: readonly string[]): Promise<(readonly [string, Price])[]> {
    const rows = await this.database.prepared<Row>(
      'orders_prices',
      'select sku, price_amount, currency, active from catalogue where sku = any($1)',
      [skus],
    );
    return rows.map(({ sku, price_amount, currency, active }) => [
      sku,
      { price: { amount: Number(price_amount), currency }, active },
    ]);
  }
}

const upsert = (parameter: string): string =>
  `insert into catalogue (sku, revision, price_amount, currency, active)
   select sku, revision, price_amount, currency, active
   from json_to_recordset(${parameter}) as r(sku text, revision integer, price_amount bigint, currency text, active boolean)
   on conflict (sku) do update
     set revision = excluded.revision, price_amount = excluded.price_amount, currency = excluded.currency, active = excluded.active
     where catalogue.revision < excluded.revision`;
