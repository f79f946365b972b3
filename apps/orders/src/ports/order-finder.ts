import type { Order, OrderStatus } from '../domain/order.js';

export interface OrderQuery {
  readonly status?: OrderStatus | undefined;
  /** Only this customer's. */
  readonly userId?: string | undefined;
  /** The last one of the page before: later ones come first. */
  readonly before?: { readonly placedAt: string; readonly id: string } | undefined;
  readonly limit: number;
}

/** Lists orders; a moment behind the orders themselves. */
export abstract class OrderFinder {
  /** Latest first; of those placed in the same millisecond the higher id. */
  abstract list(query: OrderQuery): Promise<Order[]>;
}
