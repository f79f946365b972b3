import { z } from 'zod';

/** An amount in minor units (cents): 1299 EUR is 12.99 €. Never a fraction, never beyond 2^53. */
export const Money = z
  .object({
    amount: z.int().min(0).describe('Minor units: 1299 is 12.99'),
    currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR'),
  })
  .strict();
export type Money = z.infer<typeof Money>;

export const zero = (currency: string): Money => ({ amount: 0, currency });

/** Adds amounts of one currency; a mix is a programming error. */
export function add(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new Error(`cannot add ${b.currency} to ${a.currency}`);
  return { amount: a.amount + b.amount, currency: a.currency };
}

export const times = (money: Money, quantity: number): Money => ({
  amount: money.amount * quantity,
  currency: money.currency,
});
