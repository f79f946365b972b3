import type { WorkKind } from '@seam/messaging';
import type { Period } from '../domain/buckets.js';
import type { SalesCounts, SalesFact, SalesRow } from '../domain/sales.js';

/** Counts one fact, once. Facts may come in any order. `ports/sales.suite.ts` has the guarantees of every adapter. */
export const SalesKind: WorkKind<SalesFact, undefined> = { name: 'sales' };

export interface SalesSummary {
  /** Of all times, a row per currency. */
  readonly sales: readonly (SalesCounts & { readonly currency: string })[];
  /** How many orders were cancelled, by code. */
  readonly cancellations: Readonly<Record<string, number>>;
}

/** Reads what was counted. */
export abstract class SalesReader {
  abstract summary(): Promise<SalesSummary>;

  /** The rows of a period of whole buckets that are not empty, in no guaranteed order. */
  abstract sales(period: Period): Promise<SalesRow[]>;
}
