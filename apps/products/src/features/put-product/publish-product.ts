import { ProductChanged } from '@seam/contracts';
import { messageOf } from '@seam/messaging/contract';
import type { Put } from '../../domain/product.js';
import type { CatalogueChange } from '../../ports/catalogue.js';

/** A put as a change of the catalogue: what it changes is published with it. */
export function published(result: Put): CatalogueChange<Put> {
  if (result.outcome === 'unchanged') return { value: result, messages: [] };
  const { product } = result;
  return { value: result, next: product, messages: [messageOf(ProductChanged, product.sku, { ...product })] };
}
