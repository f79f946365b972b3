import { z } from 'zod';
import type { Revenue } from '../domain/buckets.js';

/** A sum of money: unlike a price it can be negative, because of refunds, and larger than 2^53. */
export const RevenueView = z.object({
  amount: z
    .number()
    .meta({ type: 'integer' })
    .describe('Minor units; negative if more was refunded than earned. Rounded if `exact` is present'),
  currency: z.string(),
  exact: z
    .string()
    .regex(/^-?\d+$/)
    .optional()
    .describe('The exact amount in decimal digits; present only above 2^53 - 1, where JSON parsers round numbers'),
});
export type RevenueView = z.infer<typeof RevenueView>;

export function revenueView({ amount, currency }: Revenue): RevenueView {
  const rounded = Number(amount);
  return { amount: rounded, currency, ...(Number.isSafeInteger(rounded) ? {} : { exact: String(amount) }) };
}
