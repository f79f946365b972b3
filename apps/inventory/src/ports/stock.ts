import type { WorkKind } from '@seam/messaging';
import type { StockChange, StockResult } from '../domain/change.js';
import type { StockLevels } from '../domain/levels.js';

/**
 * A change of the stock, decided where the stock is: atomic under contention, each change on what the one before it left,
 * so that nobody gets a piece twice. `ports/stock.suite.ts` says what every adapter keeps.
 */
export const StockKind: WorkKind<StockChange, StockResult> = { name: 'stock' };

/** Which of the stock is listed, by SKU in the order of its characters. */
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
  /** The levels of a SKU, or `undefined` where no stock of it is kept. */
  abstract find(sku: string): Promise<StockLevels | undefined>;

  abstract list(search: StockSearch): Promise<StockItem[]>;

  /** Up to so many orders that have held pieces since before this time, and are neither confirmed nor released; oldest first. */
  abstract overdue(before: Date, limit: number): Promise<string[]>;
}
