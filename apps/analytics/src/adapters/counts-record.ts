import type { SalesCounts } from '../domain/sales.js';

/** Counts as an engine returns them: 64-bit numbers may be strings, and the revenue, which may be larger, always is. */
type CountsRecord = Readonly<Record<Exclude<keyof SalesCounts, 'revenue'>, number | string>> & {
  readonly revenue: string;
};

/** The same for one currency. */
export type CurrencyRecord = CountsRecord & { readonly currency: string };

export const countsIn = ({ placed, confirmed, cancelled, shipped, revenue }: CountsRecord): SalesCounts => ({
  placed: Number(placed),
  confirmed: Number(confirmed),
  cancelled: Number(cancelled),
  shipped: Number(shipped),
  revenue: BigInt(revenue),
});
