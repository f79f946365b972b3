import type { OrderLine } from '@seam/contracts';
import { add, CodedError, type Money, times, zero } from '@seam/kernel';
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

/** The lines at today's prices; an unknown or inactive SKU, or a mix of currencies, is refused. */
export function priceLines(lines: readonly OrderLine[], prices: ReadonlyMap<string, Price>): PricedLine[] {
  const missing = lines.filter(({ sku }) => prices.get(sku)?.active !== true);
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
    throw new CodedError('unprocessable', 'ORDER.MIXED_CURRENCIES', 'All items of an order must have one currency');
  return priced;
}

export const totalOf = (lines: readonly PricedLine[]): Money =>
  lines.reduce(
    (total, line) => add(total, times(line.unitPrice, line.quantity)),
    zero(lines[0]?.unitPrice.currency ?? 'EUR'),
  );
