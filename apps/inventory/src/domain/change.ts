import type { StockLevels } from './levels.js';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/**
 * What an order holds of the stock, or held: released or expired it holds nothing. Its lines never change; one released
 * before it was made has none.
 */
export interface Reservation {
  readonly state: 'reserved' | 'sold' | 'released' | 'expired';
  readonly lines: readonly Line[];
}

/** Why pieces that were counted are not there any more, and which of the staff says so. */
export interface Correction {
  readonly reason: string;
  readonly by: string;
}

/** A delivery that was taken in, or pieces that were taken off by a correction; and the levels it left. */
export interface Receipt extends Line {
  readonly levels: StockLevels;
  readonly correction?: Correction;
}

/** A change of the stock that is asked for. */
export type StockChange =
  | { readonly type: 'reserve'; readonly orderId: string; readonly lines: readonly Line[] }
  | { readonly type: 'sell'; readonly orderId: string }
  | { readonly type: 'release'; readonly orderId: string }
  /** Its time is over: an order that is still only reserved gives its pieces back. */
  | { readonly type: 'expire'; readonly orderId: string }
  /** Starts to track a SKU, with no pieces. */
  | { readonly type: 'open'; readonly sku: string }
  /** Takes in new pieces, once per receipt id. */
  | { readonly type: 'receive'; readonly receiptId: string; readonly sku: string; readonly quantity: number }
  /** Takes off pieces that are gone, once per receipt id; never those that orders hold. */
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
