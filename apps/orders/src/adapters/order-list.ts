import {
  type FoldedRows,
  FoldProjection,
  type ProjectionClient,
  type Reached,
  statesReached,
} from '@seam/event-sourcing/postgres';
import { type Order, OrderAggregate, type OrderEvent, shownStatus } from '../domain/order.js';

/** The name of the list's checkpoint. */
export const ORDER_LIST = 'order-list';

/** The list of orders: the fields by which they are searched. */
export const orderList = (): FoldProjection<Order, OrderEvent> =>
  new FoldProjection({ name: ORDER_LIST, aggregate: OrderAggregate, rows: new OrderRows() });

/**
 * The table `order_list`, with a narrow row for each order. The states are in the orders' streams, so a row is written
 * only when an order is placed or its shown status changes; nothing else in a row ever changes.
 */
class OrderRows implements FoldedRows<Order> {
  readonly tables = ['order_list'];

  row(id: string, order: Order, before: Order | undefined): object | undefined {
    const status = shownStatus(order);
    if (before !== undefined && shownStatus(before) === status) return undefined;
    const { userId, placedAt, total, lines } = order;
    const skus = lines.map(({ sku }) => sku);
    return { id, user_id: userId, status, placed_at: placedAt, amount: total.amount, currency: total.currency, skus };
  }

  states(rows: readonly Reached[], db: ProjectionClient): Promise<Map<string, Order | Error>> {
    return statesReached(OrderAggregate, rows, db);
  }

  async write(rows: readonly object[], db: ProjectionClient): Promise<void> {
    await db.query(WRITE, [JSON.stringify(rows)]);
  }
}

const WRITE = `
  insert into order_list (id, user_id, status, placed_at, amount, currency, skus)
  select id, user_id, status, placed_at, amount, currency, skus
  from json_to_recordset($1::json)
    as r(id text, user_id text, status text, placed_at timestamptz, amount numeric, currency text, skus text[])
  on conflict (id) do update set user_id = excluded.user_id, status = excluded.status, placed_at = excluded.placed_at,
    amount = excluded.amount, currency = excluded.currency, skus = excluded.skus`;
