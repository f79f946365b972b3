import type { WorkKind } from '@seam/messaging';
import type { StockChange, StockResult } from '../domain/change.js';
import type { StockLevels } from '../domain/levels.js';

/**
 * A change of the stock: atomic under contention, each change is decided on the state after the previous one, so that no
 * piece is sold twice. `ports/stock.suite.ts` has the guarantees of every adapter.
 */
export const StockKind: WorkKind<StockChange, StockResult> = { name: 'stock' };

/** Which SKUs to list, sorted by their characters. */
export interface StockSearch {
  /** Text in the SKU, in upper case; without it all are found. */
  readonly text?: string | undefined;
  /** Only SKUs of which at most so many pieces are available. */
  readonly availableAtMost?: number | undefined;
  /** Only SKUs after this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface StockItem {
  readonly sku: string;
  readonly levels: StockLevels;
}

/** Reads the stock as it is committed. */
export abstract class StockReader {
  /** The levels of a SKU, or `undefined` if it is not tracked. */
  abstract find(sku: string): Promise<StockLevels | undefined>;

  abstract list(search: StockSearch): Promise<StockItem[]>;

  /** Up to `limit` orders that reserved before this time, and are neither confirmed nor released; oldest first. */
  abstract overdue(before: Date, limit: number): Promise<string[]>;
}
