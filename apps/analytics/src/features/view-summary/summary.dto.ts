import { z } from 'zod';
import { revenueOf, totals } from '../../domain/buckets.js';
import type { SalesSummary } from '../../ports/sales.js';
import { RevenueView, revenueView } from '../revenue.dto.js';

export const SummaryView = z.object({
  orders: z.object({ placed: z.int(), confirmed: z.int(), cancelled: z.int(), shipped: z.int() }),
  revenue: z.array(RevenueView).describe('Revenue of confirmed orders minus those cancelled afterwards, per currency'),
  cancellations: z.record(z.string(), z.int()).describe('Number of cancelled orders by cancellation code'),
});
export type SummaryView = z.infer<typeof SummaryView>;

export function summaryView({ sales, cancellations }: SalesSummary): SummaryView {
  const { placed, confirmed, cancelled, shipped } = totals(sales);
  return {
    orders: { placed, confirmed, cancelled, shipped },
    revenue: revenueOf(sales).map(revenueView),
    cancellations,
  };
}
