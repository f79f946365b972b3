import { FoldProjection } from '@seam/event-sourcing';
import type { Database } from '@seam/persistence';
import { type Order, OrderAggregate, type OrderEvent } from '../domain/order.js';
import { OrderFinder, type OrderQuery } from '../ports/order-finder.js';

/** One row per order: what orders are searched for by. */
export const orderView = (): FoldProjection<Order, OrderEvent> =>
  new FoldProjection({
    name: 'order-view',
    table: 'order_view',
    aggregate: OrderAggregate,
    columns: { user_id: 'text', status: 'text', placed_at: 'timestamptz' },
    row: (order) => ({ user_id: order.userId, status: order.status, placed_at: order.placedAt }),
  });

export class PostgresOrderFinder extends OrderFinder {
  constructor(private readonly database: Pick<Database, 'query'>) {
    super();
  }

  override async list({ status, userId, before, limit }: OrderQuery): Promise<Order[]> {
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
