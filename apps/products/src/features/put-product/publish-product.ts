import { ProductChanged } from '@seam/contracts';
import { messageOf } from '@seam/messaging/contract';
import type { Put } from '../../domain/product.js';
import type { CatalogueChange } from '../../ports/catalogue.js';

/** Turns a put into a change of the catalogue: a change is published in the same commit. */
export function published(result: Put): CatalogueChange<Put> {
  if (result.outcome === 'unchanged') return { value: result, messages: [] };
  const { product } = result;
  return { value: result, next: product, messages: [messageOf(ProductChanged, product.sku, { ...product })] };
}
