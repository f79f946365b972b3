import type { Order, ShownStatus } from '../domain/order.js';

/** Which orders; each condition that is given has to hold. */
export interface OrderQuery {
  readonly status?: ShownStatus | undefined;
  /** Only this customer's. */
  readonly userId?: string | undefined;
  /** Only those with a line of it. */
  readonly sku?: string | undefined;
  /** When it was placed: then or later, and before. In the years 1 to 9999. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Of the total, in minor units, both ends included. */
  readonly minAmount?: number | undefined;
  readonly maxAmount?: number | undefined;
  readonly currency?: string | undefined;
  /** The last one of the page before: later ones come first. */
  readonly before?: { readonly placedAt: string; readonly id: string } | undefined;
  readonly limit: number;
}

/** Lists orders; a moment behind the orders themselves. */
export abstract class OrderFinder {
  /** Latest first; of those placed in the same millisecond the higher id. */
  abstract list(query: OrderQuery): Promise<Order[]>;
}
