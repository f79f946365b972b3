import type { ProductChanged } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import type { Work } from '@seam/messaging';
import type { Price } from '../domain/pricing.js';

export type Product = DataOf<typeof ProductChanged>;

/** The orders service's own copy of the catalogue, updated by the products' events: orders are priced from it. */
export abstract class Catalogue {
  /** The prices of these SKUs; unknown ones are left out. */
  abstract prices(skus: readonly string[]): Promise<Map<string, Price>>;

  /** Stores a product with this revision; if the stored revision is higher, nothing changes. */
  abstract keep(product: Product): Work<void>;
}

/** If a product occurs several times, only the change with the highest revision. */
export function latestOf(products: readonly Product[]): Product[] {
  const latest = new Map<string, Product>();
  for (const product of products)
    if ((latest.get(product.sku)?.revision ?? 0) < product.revision) latest.set(product.sku, product);
  return [...latest.values()];
}
