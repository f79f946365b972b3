import { Injectable } from '@nestjs/common';
import { ProcessContext } from '@seam/host';
import { type Plan, PostgresCommitter, type Work, work, type WorkAdapter, type WorkKind } from '@seam/messaging';
import { Database } from '@seam/persistence';
import type { Price } from '../domain/pricing.js';
import { Catalogue, type Product } from '../ports/catalogue.js';

const CatalogueKind: WorkKind<Product, void> = { name: 'catalogue' };

/** How long a price may be served from memory where another process may have kept a newer one, ms. */
const SHARED_FRESH_MS = 1_000;

interface Row {
  sku: string;
  price_amount: string;
  currency: string;
  active: boolean;
}

/** The copy in PostgreSQL, with the prices in use in memory: a product kept by this process is forgotten there at once. */
@Injectable()
export class PostgresCatalogue extends Catalogue implements WorkAdapter<Product, void> {
  readonly #fresh = new Map<string, Price & { until: number }>();
  readonly #freshMs: number;
  /** How often products were forgotten. */
  #forgotten = 0;

  constructor(
    private readonly database: Database,
    committer: PostgresCommitter,
    context: ProcessContext,
  ) {
    super();
    this.#freshMs = context.exclusiveStore ? Infinity : SHARED_FRESH_MS;
    committer.register(CatalogueKind, this);
  }

  async prices(skus: readonly string[]): Promise<Map<string, Price>> {
    const now = Date.now();
    const prices = new Map<string, Price>();
    for (const sku of skus) {
      const fresh = this.#fresh.get(sku);
      if (fresh !== undefined && fresh.until > now) prices.set(sku, fresh);
    }
    const unknown = skus.filter((sku) => !prices.has(sku));
    if (unknown.length > 0)
      for (const [sku, price] of await this.#read(unknown, now + this.#freshMs)) prices.set(sku, price);
    return prices;
  }

  keep(product: Product): Work<void> {
    return work(CatalogueKind, product, () => ({ value: undefined, messages: [] }));
  }

  plan(products: readonly Product[]): Promise<Plan<void>> {
    const latest = new Map<string, Product>();
    for (const product of products)
      if ((latest.get(product.sku)?.revision ?? 0) < product.revision) latest.set(product.sku, product);
    const rows = [...latest.values()].map(({ sku, revision, price, active }) => ({
      sku,
      revision,
      price_amount: price.amount,
      currency: price.currency,
      active,
    }));
    const forget = (): void => {
      this.#forgotten += 1;
      for (const sku of latest.keys()) this.#fresh.delete(sku);
    };
    return Promise.resolve({
      results: products.map(() => undefined),
      writes: [{ sql: upsert, rows }],
      committed: forget,
      aborted: forget,
    });
  }

  /** Kept in memory, unless a product was kept meanwhile: then what was read may be older than that. */
  async #read(skus: readonly string[], until: number): Promise<(readonly [string, Price])[]> {
    const forgotten = this.#forgotten;
    const rows = await this.database.prepared<Row>(
      'orders_prices',
      'select sku, price_amount, currency, active from catalogue where sku = any($1)',
      [skus],
    );
    return rows.map(({ sku, price_amount, currency, active }) => {
      const price = { price: { amount: Number(price_amount), currency }, active };
      if (forgotten === this.#forgotten) this.#fresh.set(sku, { ...price, until });
      return [sku, price] as const;
    });
  }
}

const upsert = (parameter: string): string =>
  `insert into catalogue (sku, revision, price_amount, currency, active)
   select sku, revision, price_amount, currency, active
   from json_to_recordset(${parameter}) as r(sku text, revision integer, price_amount bigint, currency text, active boolean)
   on conflict (sku) do update
     set revision = excluded.revision, price_amount = excluded.price_amount, currency = excluded.currency, active = excluded.active
     where catalogue.revision < excluded.revision`;
