import type { OrderLine } from '@seam/contracts';
import { add, CodedError, isCurrency, type Money, times, zero } from '@seam/kernel';
import type { PricedLine } from './order.js';

export interface Price {
  readonly price: Money;
  readonly active: boolean;
}

/** One line per SKU, in the order they were first named. */
export function mergeLines(lines: readonly OrderLine[]): OrderLine[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}

/** The lines at today's prices; an unknown or inactive SKU, one whose price is in no currency, or a mix, is refused. */
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

/** A price may have been kept before its currency was looked at. */
const forSale = (found: Price | undefined): boolean => found?.active === true && isCurrency(found.price.currency);

/** Whether all of it can be sold now, at one sum; only a new order has to be. */
export function canBeSold(lines: readonly OrderLine[], prices: ReadonlyMap<string, Price>): boolean {
  try {
    totalOf(priceLines(lines, prices));
    return true;
  } catch (error) {
    if (error instanceof CodedError) return false;
    throw error;
  }
}

/** What they come to; more than can be counted exactly is refused. */
export const totalOf = (lines: readonly PricedLine[]): Money =>
  lines.reduce(
    (total, line) => add(total, times(line.unitPrice, line.quantity)),
    zero(lines[0]?.unitPrice.currency ?? 'EUR'),
  );
