import type { ProductChanged } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import type { Work } from '@seam/messaging';
import type { Price } from '../domain/pricing.js';

export type Product = DataOf<typeof ProductChanged>;

/** The orders service's own copy of the catalogue, kept by the products' events: what an order costs is decided from it. */
export abstract class Catalogue {
  /** Of the SKUs it knows. */
  abstract prices(skus: readonly string[]): Promise<Map<string, Price>>;

  /** Keeps a product as of this revision; a lower revision than the kept one changes nothing. */
  abstract keep(product: Product): Work<void>;
}

/** Of several changes of a product the one with the highest revision. */
export function latestOf(products: readonly Product[]): Product[] {
  const latest = new Map<string, Product>();
  for (const product of products)
    if ((latest.get(product.sku)?.revision ?? 0) < product.revision) latest.set(product.sku, product);
  return [...latest.values()];
}
