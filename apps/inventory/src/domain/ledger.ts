import type { Receipt, Reservation, StockChange, StockResult } from './change.js';
import { decide, type Stock } from './decide.js';
import type { StockLevels } from './levels.js';

/** The stock before a batch of changes. */
export interface StockSnapshot {
  readonly levels: ReadonlyMap<string, StockLevels>;
  readonly reservations: ReadonlyMap<string, Reservation>;
  readonly receipts: ReadonlyMap<string, Receipt>;
}

/** The result of a batch: one result per change, and the state of everything it has changed. */
export interface Settled extends StockSnapshot {
  readonly results: readonly StockResult[];
}

/** Decides changes in their order, each on the state after the previous one. The snapshot must have all that they need. */
export function decideAll(changes: readonly StockChange[], before: StockSnapshot): Settled {
  const levels = new Map<string, StockLevels>();
  const reservations = new Map<string, Reservation>();
  const receipts = new Map<string, Receipt>();
  const stock: Stock = {
    levels: (sku) => levels.get(sku) ?? before.levels.get(sku),
    reservation: (orderId) => reservations.get(orderId) ?? before.reservations.get(orderId),
    receipt: (receiptId) => receipts.get(receiptId) ?? before.receipts.get(receiptId),
  };
  const results = changes.map((change) => {
    const decision = decide(change, stock);
    for (const [sku, after] of decision.levels) levels.set(sku, after);
    if (decision.reservation !== undefined) reservations.set(...decision.reservation);
    if (decision.receipt !== undefined) receipts.set(...decision.receipt);
    return decision.result;
  });
  return { results, levels, reservations, receipts };
}
