import { Injectable } from '@nestjs/common';
import { type Queryable, transactionWork } from '@seam/messaging/postgres';
import type { Work } from '@seam/messaging';
import { containing, Database } from '@seam/persistence/postgres';
import type { Product } from '../domain/product.js';
import { Catalogue, type CatalogueChange, type ProductSearch } from '../ports/catalogue.js';

interface ProductRow {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  /** pg gives a `bigint` as a string. */
  readonly price_amount: string;
  readonly price_currency: string;
  readonly active: boolean;
  readonly revision: number;
}

const COLUMNS = 'sku, name, description, price_amount, price_currency, active, revision';

@Injectable()
export class PostgresCatalogue extends Catalogue {
  constructor(private readonly database: Database) {
    super();
  }

  override async find(sku: string): Promise<Product | undefined> {
    const text = `select ${COLUMNS} from product where sku = $1`;
    const [row] = await this.database.prepared<ProductRow>('seam_product_find', text, [sku]);
    return row === undefined ? undefined : productOf(row);
  }

  override async search({ text, includeInactive, after, limit }: ProductSearch): Promise<Product[]> {
    const rows = await this.database.prepared<ProductRow>(
      'seam_product_search',
      `select ${COLUMNS} from product
       where sku > $1 and (active or $2)
         and (sku ilike $3 or normalize(name) ilike $3 or normalize(description) ilike $3)
       order by sku limit $4`,
      [after ?? '', includeInactive, containing(text ?? ''), limit],
    );
    return rows.map(productOf);
  }

  override change<T>(sku: string, decide: (current: Product | undefined) => CatalogueChange<T>): Work<T> {
    return transactionWork(async (db) => {
      const current = await lock(db, sku);
      const { value, next, messages } = decide(current);
      if (next !== undefined) await write(db, next, current === undefined);
      return { value, messages: [...messages] };
    });
  }
}

async function lock(db: Queryable, sku: string): Promise<Product | undefined> {
  const { rows } = await db.query(`select ${COLUMNS} from product where sku = $1 for update`, [sku]);
  const [row] = rows as unknown as ProductRow[];
  return row === undefined ? undefined : productOf(row);
}

/** A new one is inserted with no care for conflicts: where another process was faster, it is decided again. */
async function write(db: Queryable, product: Product, isNew: boolean): Promise<void> {
  const { sku, name, description, price, active, revision } = product;
  await db.query(
    isNew
      ? `insert into product (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7)`
      : `update product set name = $2, description = $3, price_amount = $4, price_currency = $5, active = $6,
           revision = $7, changed_at = now()
         where sku = $1`,
    [sku, name, description, price.amount, price.currency, active, revision],
  );
}

const productOf = (row: ProductRow): Product => ({
  sku: row.sku,
  name: row.name,
  description: row.description,
  price: { amount: Number(row.price_amount), currency: row.price_currency },
  active: row.active,
  revision: row.revision,
});
