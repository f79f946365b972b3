import type { Money } from '@seam/kernel';

/** An event of an order that sales count. `at` is ISO 8601 UTC. */
export type SalesFact =
  | { readonly type: 'placed' | 'confirmed' | 'shipped'; readonly total: Money; readonly at: string }
  | {
      readonly type: 'cancelled';
      readonly total: Money;
      readonly at: string;
      readonly code: string;
      /** Its total had counted as revenue. */
      readonly wasConfirmed: boolean;
    };

export interface SalesCounts {
  readonly placed: number;
  readonly confirmed: number;
  readonly cancelled: number;
  readonly shipped: number;
  /**
   * Minor units: totals of orders confirmed in this time, minus those of confirmed orders cancelled in it. May be negative,
   * and larger than 2^53, which a single order's total never is.
   */
  readonly revenue: bigint;
}

/** The counts of one currency in the hour or day that begins at `start`, ISO 8601 UTC. */
export interface SalesRow extends SalesCounts {
  readonly start: string;
  readonly currency: string;
}

export interface Tally {
  readonly sales: readonly SalesRow[];
  readonly cancellations: ReadonlyMap<string, number>;
}

export const noCounts: SalesCounts = { placed: 0, confirmed: 0, cancelled: 0, shipped: 0, revenue: 0n };

export const addCounts = (a: SalesCounts, b: SalesCounts): SalesCounts => ({
  placed: a.placed + b.placed,
  confirmed: a.confirmed + b.confirmed,
  cancelled: a.cancelled + b.cancelled,
  shipped: a.shipped + b.shipped,
  revenue: a.revenue + b.revenue,
});

/** The start of the UTC hour of a time. */
export function hourOf(at: string): string {
  const time = new Date(at);
  time.setUTCMinutes(0, 0, 0);
  return time.toISOString();
}

/** Adds facts up, by hour and currency. The order of the facts does not matter. */
export function tally(facts: readonly SalesFact[]): Tally {
  const sales = new Map<string, SalesRow>();
  const cancellations = new Map<string, number>();
  for (const fact of facts) {
    const start = hourOf(fact.at);
    const { currency } = fact.total;
    const key = `${start} ${currency}`;
    sales.set(key, { ...addCounts(sales.get(key) ?? noCounts, countsOf(fact)), start, currency });
    if (fact.type === 'cancelled') cancellations.set(fact.code, (cancellations.get(fact.code) ?? 0) + 1);
  }
  return { sales: [...sales.values()], cancellations };
}

/** What a fact adds. */
export function countsOf(fact: SalesFact): SalesCounts {
  const counts = { ...noCounts, [fact.type]: 1 };
  if (fact.type === 'confirmed') return { ...counts, revenue: BigInt(fact.total.amount) };
  if (fact.type === 'cancelled' && fact.wasConfirmed) return { ...counts, revenue: -BigInt(fact.total.amount) };
  return counts;
}
