import type { StockLevels } from './levels.js';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/**
 * An order's reservation. If released or expired, it reserves nothing any more. Its lines never change; one that was
 * released before it was made has none.
 */
export interface Reservation {
  readonly state: 'reserved' | 'sold' | 'released' | 'expired';
  readonly lines: readonly Line[];
}

/** Why counted pieces are missing, and who of the staff reported it. */
export interface Correction {
  readonly reason: string;
  readonly by: string;
}

/** A delivery, or a correction that removed pieces, and the levels after it. */
export interface Receipt extends Line {
  readonly levels: StockLevels;
  readonly correction?: Correction;
}

/** A requested change of the stock. */
export type StockChange =
  | { readonly type: 'reserve'; readonly orderId: string; readonly lines: readonly Line[] }
  | { readonly type: 'sell'; readonly orderId: string }
  | { readonly type: 'release'; readonly orderId: string }
  /** The reservation's time is over: if it is not sold, its pieces become available again. */
  | { readonly type: 'expire'; readonly orderId: string }
  /** Starts to track a SKU, with no pieces. */
  | { readonly type: 'open'; readonly sku: string }
  /** Adds received pieces, once per receipt id. */
  | { readonly type: 'receive'; readonly receiptId: string; readonly sku: string; readonly quantity: number }
  /** Removes missing pieces, once per receipt id; never reserved ones. */
  | ({
      readonly type: 'correct';
      readonly receiptId: string;
      readonly sku: string;
      readonly quantity: number;
    } & Correction);

export type RefusalCode = 'OUT_OF_STOCK' | 'RELEASED';

export type StockResult =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'refused'; readonly code: RefusalCode; readonly reason: string }
  /** The levels after the receipt or correction; of a repeated one, those after its first time. */
  | { readonly outcome: 'received' | 'corrected'; readonly levels: StockLevels }
  /** A correction by more pieces than are available. */
  | { readonly outcome: 'not-available'; readonly available: number }
  | { readonly outcome: 'unknown-sku' }
  /** The receipt id was used for another SKU, quantity or reason. */
  | { readonly outcome: 'receipt-reused' };
