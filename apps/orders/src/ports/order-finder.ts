import type { Order, ShownStatus } from '../domain/order.js';

/** The orders to find; all given conditions must hold. */
export interface OrderQuery {
  readonly status?: ShownStatus | undefined;
  /** Only orders of this customer. */
  readonly userId?: string | undefined;
  /** Only orders with a line of this SKU. */
  readonly sku?: string | undefined;
  /** Placed at `from` or later, and before `to`. In the years 1 to 9999. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Limits of the total, in minor units, both inclusive. */
  readonly minAmount?: number | undefined;
  readonly maxAmount?: number | undefined;
  readonly currency?: string | undefined;
  /** The last order of the previous page: the list continues with orders that were placed before it. */
  readonly before?: { readonly placedAt: string; readonly id: string } | undefined;
  readonly limit: number;
}

/** Lists orders. The list may be slightly older than the orders themselves. */
export abstract class OrderFinder {
  /** Latest first; orders placed in the same millisecond are ordered by id, highest first. */
  abstract list(query: OrderQuery): Promise<Order[]>;
}
