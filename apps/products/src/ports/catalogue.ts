import type { OutgoingMessage } from '@seam/kernel';
import type { Work } from '@seam/messaging';
import type { Product } from '../domain/product.js';

export interface ProductSearch {
  /** In NFC. Found in SKU, name or description, in any case and either form of Unicode; without it all are found. */
  readonly text?: string | undefined;
  readonly includeInactive: boolean;
  /** Only SKUs after this one, in the order of their characters. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface CatalogueChange<T> {
  readonly value: T;
  /** What the product becomes; without it, it stays as it is. */
  readonly next?: Product;
  readonly messages: readonly OutgoingMessage[];
}

/** The products there are. */
export abstract class Catalogue {
  abstract find(sku: string): Promise<Product | undefined>;

  /** By SKU, so that a page begins where the one before it ended, whatever has changed since. */
  abstract search(search: ProductSearch): Promise<Product[]>;

  /**
   * The work of changing one product: decided on what is there, one change of a product at a time. `decide` is pure and
   * may run more than once.
   */
  abstract change<T>(sku: string, decide: (current: Product | undefined) => CatalogueChange<T>): Work<T>;
}
