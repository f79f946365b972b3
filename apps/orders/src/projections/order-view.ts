import { FoldProjection } from '@seam/event-sourcing';
import type { Database } from '@seam/persistence';
import { type Order, OrderAggregate, type OrderEvent, type OrderStatus } from '../domain/order.js';

/** One row per order: what orders are searched for by. */
export const orderView = (): FoldProjection<Order, OrderEvent> =>
  new FoldProjection({
    name: 'order-view',
    table: 'order_view',
    aggregate: OrderAggregate,
    columns: { user_id: 'text', status: 'text', placed_at: 'timestamptz' },
    row: (order) => ({ user_id: order.userId, status: order.status, placed_at: order.placedAt }),
  });

export interface OrderQuery {
  readonly status?: OrderStatus | undefined;
  /** Only this customer's. */
  readonly userId?: string | undefined;
  readonly before?: { readonly placedAt: string; readonly id: string } | undefined;
  readonly limit: number;
}

/** Lists orders, latest first; a moment behind the orders themselves. */
export class OrderFinder {
  constructor(private readonly database: Pick<Database, 'query'>) {}

  async list({ status, userId, before, limit }: OrderQuery): Promise<Order[]> {
    const rows = await this.database.query<{ state: Order }>(
      `select state from order_view
       where ($1::text is null or status = $1) and ($2::text is null or user_id = $2)
         and ($3::timestamptz is null or (placed_at, id) < ($3, $4))
       order by placed_at desc, id desc limit $5`,
      [status, userId, before?.placedAt, before?.id, limit],
    );
    return rows.map((row) => row.state);
  }
}
