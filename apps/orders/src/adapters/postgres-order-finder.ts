import { byStream, type Position, streamOf } from '@seam/event-sourcing';
import { PostgresEventStore, stateAmong } from '@seam/event-sourcing/postgres';
import type { Database } from '@seam/persistence/postgres';
import { type Order, OrderAggregate, type OrderStatus } from '../domain/order.js';
import { OrderFinder, type OrderQuery } from '../ports/order-finder.js';
import { ORDER_LIST } from './order-list.js';

interface ListedRow extends Position {
  readonly id: string;
  readonly userId: string;
  readonly status: OrderStatus | 'cancelling';
  readonly placedAt: Date;
  readonly amount: string;
  readonly currency: string;
}

/** Finds orders in the table `order_list`, and reads their states from their streams. */
export class PostgresOrderFinder extends OrderFinder {
  readonly #events: PostgresEventStore;

  constructor(private readonly database: Pick<Database, 'query' | 'pool'>) {
    super();
    this.#events = new PostgresEventStore(database.pool);
  }

  /** The states are those at the checkpoint of the list, so that they agree with the rows that were searched. */
  override async list(query: OrderQuery): Promise<Order[]> {
    const rows = await this.database.query<ListedRow>(LIST, [
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
      ORDER_LIST,
    ]);
    const [first] = rows;
    if (first === undefined) return [];
    const streams = rows.map(({ id }) => streamOf(OrderAggregate, id));
    const events = byStream(await this.#events.readUpTo(streams, first));
    return rows.map((row) => {
      const order = stateAmong(OrderAggregate, row.id, events);
      // If this version cannot read the order's first event, only the fields of the list are known.
      return order.status === 'none' ? { ...order, ...headOf(row) } : order;
    });
  }
}

const headOf = ({ id, userId, status, placedAt, amount, currency }: ListedRow): Partial<Order> => ({
  id,
  userId,
  status: status === 'cancelling' ? 'pending' : status,
  cancelling: status === 'cancelling',
  placedAt: placedAt.toISOString(),
  total: { amount: Number(amount), currency },
});

// A page, and the checkpoint that it belongs to, from one snapshot. Planned each time with the actual values, so that
// the plan contains no conditions that are not used.
const LIST = `
  select o.*, p.tx::text, p.seq::text from (
    select id, user_id as "userId", status, placed_at as "placedAt", amount, currency from order_list
    where ($1::text is null or status = $1) and ($2::text is null or user_id = $2)
      and ($3::text is null or skus @> array[$3])
      and ($4::timestamptz is null or placed_at >= $4) and ($5::timestamptz is null or placed_at < $5)
      and ($6::numeric is null or amount >= $6) and ($7::numeric is null or amount <= $7)
      and ($8::text is null or currency = $8)
      and ($9::timestamptz is null or (placed_at, id) < ($9, $10))
    order by placed_at desc, id desc limit $11
  ) o cross join projection p where p.name = $12 order by o."placedAt" desc, o.id desc`;
