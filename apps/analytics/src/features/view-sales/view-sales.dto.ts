import { invalidRequest, TimeQuery } from '@seam/host';
import { z } from 'zod';
import { BUCKET_MS, type BucketSize, type Period, type SalesBucket } from '../../domain/buckets.js';
import { RevenueView, revenueView } from '../revenue.dto.js';

export const SalesQuery = z.strictObject({
  from: TimeQuery.optional().describe('Default: a day before `to`'),
  to: TimeQuery.optional().describe('Default: now'),
  bucket: z
    .enum(['hour', 'day'])
    .default('hour')
    .describe('UTC hours or days; the first and the last bucket are counted completely'),
});
export type SalesQuery = z.infer<typeof SalesQuery>;

export const SalesView = z.object({
  items: z
    .array(
      z.object({
        start: z.iso.datetime(),
        placed: z.int(),
        confirmed: z.int(),
        cancelled: z.int(),
        revenue: z.array(RevenueView),
      }),
    )
    .describe('Oldest first, including empty buckets'),
});
export type SalesView = z.infer<typeof SalesView>;

export const salesView = (buckets: readonly SalesBucket[]): SalesView => ({
  items: buckets.map((bucket) => ({ ...bucket, revenue: bucket.revenue.map(revenueView) })),
});

/** The maximum length of a period in one answer. */
const MAX_DAYS: Readonly<Record<BucketSize, number>> = { hour: 92, day: 1_830 };

/** The period of a query; one that is empty or too long is `REQUEST.INVALID`. */
export function periodOf(query: SalesQuery, now: Date): Period {
  const { to = now } = query;
  const { from = new Date(to.getTime() - BUCKET_MS.day) } = query;
  const days = (to.getTime() - from.getTime()) / BUCKET_MS.day;
  if (days <= 0) throw invalid('from', 'must be before to');
  const most = MAX_DAYS[query.bucket];
  if (days > most) throw invalid('from', `must be at most ${most} days before to`);
  return { from, to, bucket: query.bucket };
}

const invalid = (field: string, message: string): Error => invalidRequest([{ path: [field], message }]);
