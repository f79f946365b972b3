import { z } from 'zod';
import { decimalsOf, isCurrency } from './currencies.js';
import { CodedError } from './errors.js';

/**
 * An amount in the currency's minor units: 1299 EUR is 12.99 €, 1299 JPY is 1299 ¥, 1299 KWD is 1.299 dinars. Never a
 * fraction, never beyond 2^53.
 */
export const Money = z
  .object({
    amount: z.int().min(0).describe('Minor units: 1299 is 12.99 EUR, 1299 JPY or 1.299 KWD'),
    currency: z.string().refine(isCurrency, 'must be an ISO 4217 code such as EUR').meta({ pattern: '^[A-Z]{3}$' }),
  })
  .strict();
export type Money = z.infer<typeof Money>;

export const zero = (currency: string): Money => ({ amount: 0, currency });

/** Adds amounts of one currency; a mix is a programming error, a sum beyond 2^53 is `MONEY.TOO_LARGE`. */
export function add(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new Error(`cannot add ${b.currency} to ${a.currency}`);
  return { amount: exact(a.amount + b.amount), currency: a.currency };
}

/** That many times the amount; `quantity` is whole, a product beyond 2^53 is `MONEY.TOO_LARGE`. */
export const times = (money: Money, quantity: number): Money => ({
  amount: exact(money.amount * quantity),
  currency: money.currency,
});

/** As people read it, with the currency's own number of decimals: `12.99 EUR`, `1299 JPY`, `-1.299 KWD`. */
export function showMoney({ amount, currency }: Money): string {
  const decimals = decimalsOf(currency);
  const digits = String(Math.abs(amount)).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const shown = decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return `${amount < 0 ? '-' : ''}${shown} ${currency}`;
}

/** A result that is not exact is also above 2^53, so checking the result is enough. */
function exact(amount: number): number {
  if (Number.isSafeInteger(amount)) return amount;
  throw new CodedError('unprocessable', 'MONEY.TOO_LARGE', 'The amount is too large to be counted exactly');
}
