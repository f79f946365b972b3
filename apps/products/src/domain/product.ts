import { CodedError, type Money } from '@seam/kernel';

export interface ProductContent {
  readonly name: string;
  readonly description: string;
  readonly price: Money;
  /** Whether it can be ordered. */
  readonly active: boolean;
}

export interface Product extends ProductContent {
  readonly sku: string;
  /** 1 for a new product; each change adds one. */
  readonly revision: number;
}

export type Put =
  | { readonly outcome: 'created' | 'changed'; readonly product: Product }
  /** The content is the same: there is nothing to write and nothing to publish. */
  | { readonly outcome: 'unchanged'; readonly product: Product };

/** Replaces a product's content. */
export function put(current: Product | undefined, sku: string, content: ProductContent): Put {
  if (current === undefined) return { outcome: 'created', product: { ...content, sku, revision: 1 } };
  if (same(current, content)) return { outcome: 'unchanged', product: current };
  return { outcome: 'changed', product: { ...content, sku, revision: current.revision + 1 } };
}

const same = (a: ProductContent, b: ProductContent): boolean =>
  a.name === b.name &&
  a.description === b.description &&
  a.price.amount === b.price.amount &&
  a.price.currency === b.price.currency &&
  a.active === b.active;

/**
 * Refuses a price above the shop's limit, in minor units, so that a typing error is found before a customer orders at
 * that price.
 */
export function checkPrice({ amount }: Money, most: number): void {
  if (amount <= most) return;
  const message = `The price is above this shop’s limit of ${most} minor units`;
  throw new CodedError('unprocessable', 'PRODUCT.PRICE_TOO_HIGH', message, [
    { path: 'price.amount', message: `must be at most ${most}` },
  ]);
}

export const productNotFound = (sku: string): CodedError =>
  new CodedError('not-found', 'PRODUCT.NOT_FOUND', `There is no product ${sku}`);
