import { Injectable } from '@nestjs/common';
import { transactionWork } from '@seam/messaging/postgres';
import type { Work } from '@seam/messaging';
import { containing, Database } from '@seam/persistence/postgres';
import type { Product } from '../domain/product.js';
import { Catalogue, type CatalogueChange, type ProductSearch } from '../ports/catalogue.js';
import { ProductEntity } from './product.entity.js';

@Injectable()
export class PostgresCatalogue extends Catalogue {
  constructor(private readonly database: Database) {
    super();
  }

  override find(sku: string): Promise<Product | undefined> {
    return this.database.read(async (entities) => {
      const found = await entities.findOneBy(ProductEntity, { sku });
      return found === null ? undefined : productOf(found);
    });
  }

  override search({ text, includeInactive, after, limit }: ProductSearch): Promise<Product[]> {
    return this.database.read(async (entities) => {
      const query = entities
        .createQueryBuilder(ProductEntity, 'product')
        .where('product.sku > :after', { after: after ?? '' })
        .orderBy('product.sku')
        .limit(limit);
      if (!includeInactive) query.andWhere('product.active');
      if (text !== undefined)
        query.andWhere(
          `(product.sku ilike :text or normalize(product.name) ilike :text
            or normalize(product.description) ilike :text)`,
          { text: containing(text) },
        );
      return (await query.getMany()).map(productOf);
    });
  }

  /** If another process inserts the same new product first, the insert conflicts, and the work is decided again. */
  override change<T>(sku: string, decide: (current: Product | undefined) => CatalogueChange<T>): Work<T> {
    return transactionWork(async (entities) => {
      const products = entities.getRepository(ProductEntity);
      const found = await products.findOne({ where: { sku }, lock: { mode: 'pessimistic_write' } });
      const { value, next, messages } = decide(found === null ? undefined : productOf(found));
      if (next !== undefined) await (found === null ? products.insert(next) : products.update({ sku }, next));
      return { value, messages: [...messages] };
    });
  }
}

const productOf = ({ sku, name, description, price, active, revision }: ProductEntity): Product => ({
  sku,
  name,
  description,
  price: { amount: price.amount, currency: price.currency },
  active,
  revision,
});
