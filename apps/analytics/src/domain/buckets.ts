import { addCounts, noCounts, type SalesCounts, type SalesRow } from './sales.js';

export type BucketSize = 'hour' | 'day';

export const BUCKET_MS: Readonly<Record<BucketSize, number>> = { hour: 3_600_000, day: 86_400_000 };

/** Whole buckets: from the one that contains `from` to the one that ends at `to` or contains it. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
  readonly bucket: BucketSize;
}

/** The revenue in a currency, minor units; negative if more was refunded. */
export interface Revenue {
  readonly amount: bigint;
  readonly currency: string;
}

export interface SalesBucket {
  readonly start: string;
  readonly placed: number;
  readonly confirmed: number;
  readonly cancelled: number;
  readonly revenue: readonly Revenue[];
}

/** The same period, extended to whole buckets (UTC). */
export function wholeBuckets({ from, to, bucket }: Period): Period {
  const size = BUCKET_MS[bucket];
  return {
    from: new Date(Math.floor(from.getTime() / size) * size),
    to: new Date(Math.ceil(to.getTime() / size) * size),
    bucket,
  };
}

/** Every bucket of a period of whole buckets, oldest first, empty ones included. */
export function fill(period: Period, rows: readonly SalesRow[]): SalesBucket[] {
  const byStart = new Map<string, SalesRow[]>();
  for (const row of rows) byStart.set(row.start, [...(byStart.get(row.start) ?? []), row]);
  const buckets: SalesBucket[] = [];
  for (let time = period.from.getTime(); time < period.to.getTime(); time += BUCKET_MS[period.bucket]) {
    const start = new Date(time).toISOString();
    const found = byStart.get(start) ?? [];
    const { placed, confirmed, cancelled } = totals(found);
    buckets.push({ start, placed, confirmed, cancelled, revenue: revenueOf(found) });
  }
  return buckets;
}

/** Counts of all currencies together; the sum of their revenues would have no meaning. */
export const totals = (rows: readonly SalesCounts[]): Omit<SalesCounts, 'revenue'> => rows.reduce(addCounts, noCounts);

/** One amount per currency with revenue or refunds. */
export const revenueOf = (rows: readonly Pick<SalesRow, 'currency' | 'revenue' | 'confirmed'>[]): Revenue[] =>
  rows
    .filter(({ confirmed, revenue }) => confirmed > 0 || revenue !== 0n)
    .map(({ currency, revenue }) => ({ amount: revenue, currency }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
