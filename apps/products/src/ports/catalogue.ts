import type { OutgoingMessage } from '@seam/kernel';
import type { Work } from '@seam/messaging';
import type { Product } from '../domain/product.js';

export interface ProductSearch {
  /**
   * In NFC. Searched in SKU, name and description, ignoring case and Unicode form; without it, all products are found.
   */
  readonly text?: string | undefined;
  readonly includeInactive: boolean;
  /** Only SKUs after this one, in the order of their characters. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface CatalogueChange<T> {
  readonly value: T;
  /** The product after the change; undefined: it does not change. */
  readonly next?: Product;
  readonly messages: readonly OutgoingMessage[];
}

/** All products. */
export abstract class Catalogue {
  abstract find(sku: string): Promise<Product | undefined>;

  /** Ordered by SKU, so that a page begins where the previous one ended, whatever has changed since. */
  abstract search(search: ProductSearch): Promise<Product[]>;

  /**
   * The work of changing one product, decided on the current product; only one change of a product runs at a time.
   * `decide` is pure and may run more than once.
   */
  abstract change<T>(sku: string, decide: (current: Product | undefined) => CatalogueChange<T>): Work<T>;
}
