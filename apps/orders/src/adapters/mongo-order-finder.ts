import { MongoView } from '@seam/event-sourcing/mongodb';
import type { MongoDatabase } from '@seam/persistence/mongodb';
import { type Order, OrderAggregate, type OrderEvent, shownStatus } from '../domain/order.js';
import { OrderFinder, type OrderQuery } from '../ports/order-finder.js';

export type MongoOrderView = MongoView<Order, OrderEvent>;

/** One row per order: the fields by which orders are searched. */
export const mongoOrderView = (database: MongoDatabase): MongoOrderView =>
  new MongoView(database, {
    name: 'order_view',
    aggregate: OrderAggregate,
    row: (order) => ({ userId: order.userId, status: shownStatus(order), placedAt: order.placedAt }),
    indexes: [
      { name: 'by_age', key: { placedAt: -1, _id: -1 } },
      { name: 'of_a_user', key: { userId: 1, placedAt: -1, _id: -1 } },
      { name: 'of_a_status', key: { status: 1, placedAt: -1, _id: -1 } },
      { name: 'of_a_sku', key: { 'state.lines.sku': 1, placedAt: -1, _id: -1 } },
      { name: 'of_an_amount', key: { 'state.total.amount': 1, placedAt: -1, _id: -1 } },
    ],
  });

export class MongoOrderFinder extends OrderFinder {
  constructor(private readonly view: Pick<MongoOrderView, 'find'>) {
    super();
  }

  override list(query: OrderQuery): Promise<Order[]> {
    const conditions = [
      ...given(query.status, (status) => ({ status })),
      ...given(query.userId, (userId) => ({ userId })),
      ...given(query.sku, (sku) => ({ 'state.lines.sku': sku })),
      ...given(query.from, (from) => ({ placedAt: { $gte: from.toISOString() } })),
      ...given(query.to, (to) => ({ placedAt: { $lt: to.toISOString() } })),
      ...given(query.minAmount, (amount) => ({ 'state.total.amount': { $gte: amount } })),
      ...given(query.maxAmount, (amount) => ({ 'state.total.amount': { $lte: amount } })),
      ...given(query.currency, (currency) => ({ 'state.total.currency': currency })),
      ...given(query.before, earlierThan),
    ];
    const filter = conditions.length === 0 ? {} : { $and: conditions };
    return this.view.find({ filter, sort: { placedAt: -1, _id: -1 }, limit: query.limit });
  }
}

const given = <T>(value: T | undefined, condition: (value: T) => object): object[] =>
  value === undefined ? [] : [condition(value)];

/** Times are ISO 8601 texts in UTC, all of the same length, so they sort as text. */
const earlierThan = ({ placedAt, id }: { placedAt: string; id: string }): object => ({
  $or: [{ placedAt: { $lt: placedAt } }, { placedAt, _id: { $lt: id } }],
});
