import { FoldProjection, StateRows } from '@seam/event-sourcing';
import type { Database } from '@seam/persistence';
import { type Order, OrderAggregate, type OrderEvent, shownStatus } from '../domain/order.js';
import { OrderFinder, type OrderQuery } from '../ports/order-finder.js';

/** One row per order: what orders are searched for by, beside what the table makes of the state by itself. */
export const orderView = (): FoldProjection<Order, OrderEvent> =>
  new FoldProjection({
    name: 'order-view',
    aggregate: OrderAggregate,
    rows: new StateRows<Order>({
      table: 'order_view',
      columns: { user_id: 'text', status: 'text', placed_at: 'timestamptz' },
      row: (order) => ({ user_id: order.userId, status: shownStatus(order), placed_at: order.placedAt }),
    }),
  });

export class PostgresOrderFinder extends OrderFinder {
  constructor(private readonly database: Pick<Database, 'query'>) {
    super();
  }

  override async list(query: OrderQuery): Promise<Order[]> {
    const rows = await this.database.query<{ state: Order }>(LIST, [
      query.status,
      query.userId,
      query.sku,
      query.from,
      query.to,
      query.minAmount,
      query.maxAmount,
      query.currency,
      query.before?.placedAt,
      query.before?.id,
      query.limit,
    ]);
    return rows.map((row) => row.state);
  }
}

// Planned anew each time, with the values: of what is not asked for nothing is left in the plan.
const LIST = `
  select state from order_view
  where ($1::text is null or status = $1) and ($2::text is null or user_id = $2)
    and ($3::text is null or skus @> array[$3])
    and ($4::timestamptz is null or placed_at >= $4) and ($5::timestamptz is null or placed_at < $5)
    and ($6::numeric is null or amount >= $6) and ($7::numeric is null or amount <= $7)
    and ($8::text is null or currency = $8)
    and ($9::timestamptz is null or (placed_at, id) < ($9, $10))
  order by placed_at desc, id desc limit $11`;
