import { z } from 'zod';
import type { Revenue } from '../domain/buckets.js';

/** Money that may have gone back out: unlike a price it can be below zero. A sum, unlike a price, can be beyond 2^53. */
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
