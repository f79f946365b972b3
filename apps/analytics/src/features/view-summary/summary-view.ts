import { z } from 'zod';
import { revenueOf, totals } from '../../domain/buckets.js';
import type { SalesSummary } from '../../ports/sales.js';

/** Money that may have gone back out: unlike a price it can be below zero. */
export const Revenue = z.object({
  amount: z.int().describe('Minor units; below zero where more was paid back than earned'),
  currency: z.string(),
});

export const SummaryView = z.object({
  orders: z.object({ placed: z.int(), confirmed: z.int(), cancelled: z.int(), shipped: z.int() }),
  revenue: z.array(Revenue).describe('Confirmed orders less those cancelled afterwards, per currency'),
  cancellations: z.record(z.string(), z.int()).describe('Cancelled orders by their code'),
});
export type SummaryView = z.infer<typeof SummaryView>;

export function summaryView({ sales, cancellations }: SalesSummary): SummaryView {
  const { placed, confirmed, cancelled, shipped } = totals(sales);
  return { orders: { placed, confirmed, cancelled, shipped }, revenue: revenueOf(sales), cancellations };
}
