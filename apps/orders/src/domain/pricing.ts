import type { OrderLine } from '@seam/contracts';
import { add, CodedError, isCurrency, type Money, times, zero } from '@seam/kernel';
import type { PricedLine } from './order.js';

export interface Price {
  readonly price: Money;
  readonly active: boolean;
}

/** One line per SKU, in the order in which the SKUs first appear. */
export function mergeLines(lines: readonly OrderLine[]): OrderLine[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}

/**
 * The lines at current prices. Refused: an unknown or inactive SKU, a price in an unknown currency, or a mix of
 * currencies.
 */
export function priceLines(lines: readonly OrderLine[], prices: ReadonlyMap<string, Price>): PricedLine[] {
  const missing = lines.filter(({ sku }) => !forSale(prices.get(sku)));
  if (missing.length > 0)
    throw new CodedError(
      'unprocessable',
      'ORDER.UNKNOWN_SKU',
      `Not for sale: ${missing.map(({ sku }) => sku).join(', ')}`,
      missing.map(({ sku }) => ({ path: 'items', message: `${sku} is unknown or not for sale` })),
    );
  const priced = lines.flatMap(({ sku, quantity }) => {
    const found = prices.get(sku);
    return found === undefined ? [] : [{ sku, quantity, unitPrice: found.price }];
  });
  if (new Set(priced.map((line) => line.unitPrice.currency)).size > 1)
    throw new CodedError(
      'unprocessable',
      'ORDER.MIXED_CURRENCIES',
      'All items of an order must have the same currency',
    );
  return priced;
}

/** The price may have been stored before currencies were checked. */
const forSale = (found: Price | undefined): boolean => found?.active === true && isCurrency(found.price.currency);

/** Whether all lines can be sold now, in one currency; required only for a new order. */
export function canBeSold(lines: readonly OrderLine[], prices: ReadonlyMap<string, Price>): boolean {
  try {
    totalOf(priceLines(lines, prices));
    return true;
  } catch (error) {
    if (error instanceof CodedError) return false;
    throw error;
  }
}

/** The total of the lines; a total that cannot be represented exactly is refused. */
export const totalOf = (lines: readonly PricedLine[]): Money =>
  lines.reduce(
    (total, line) => add(total, times(line.unitPrice, line.quantity)),
    zero(lines[0]?.unitPrice.currency ?? 'EUR'),
  );
