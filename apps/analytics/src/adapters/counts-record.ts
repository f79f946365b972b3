import type { SalesCounts } from '../domain/sales.js';

/** Counts as an engine answers with them: 64-bit numbers may come as strings, and the revenue, which may need more, does. */
type CountsRecord = Readonly<Record<Exclude<keyof SalesCounts, 'revenue'>, number | string>> & {
  readonly revenue: string;
};

/** The same of one currency. */
export type CurrencyRecord = CountsRecord & { readonly currency: string };

export const countsIn = ({ placed, confirmed, cancelled, shipped, revenue }: CountsRecord): SalesCounts => ({
  placed: Number(placed),
  confirmed: Number(confirmed),
  cancelled: Number(cancelled),
  shipped: Number(shipped),
  revenue: BigInt(revenue),
});
