import { MongoView } from '@seam/event-sourcing';
import type { MongoDatabase } from '@seam/persistence';
import { type Order, OrderAggregate, type OrderEvent } from '../domain/order.js';
import { OrderFinder, type OrderQuery } from '../ports/order-finder.js';

export type MongoOrderView = MongoView<Order, OrderEvent>;

/** One row per order: what orders are searched for by. */
export const mongoOrderView = (database: MongoDatabase): MongoOrderView =>
  new MongoView(database, {
    name: 'order_view',
    aggregate: OrderAggregate,
    row: ({ userId, status, placedAt }) => ({ userId, status, placedAt }),
    indexes: [
      { name: 'by_age', key: { placedAt: -1, _id: -1 } },
      { name: 'of_a_user', key: { userId: 1, placedAt: -1, _id: -1 } },
      { name: 'of_a_status', key: { status: 1, placedAt: -1, _id: -1 } },
    ],
  });

export class MongoOrderFinder extends OrderFinder {
  constructor(private readonly view: Pick<MongoOrderView, 'find'>) {
    super();
  }

  override list({ status, userId, before, limit }: OrderQuery): Promise<Order[]> {
    const filter = {
      ...(status === undefined ? {} : { status }),
      ...(userId === undefined ? {} : { userId }),
      ...(before === undefined ? {} : earlierThan(before)),
    };
    return this.view.find({ filter, sort: { placedAt: -1, _id: -1 }, limit });
  }
}

/** Times are ISO 8601 texts in UTC, all of one length: they sort as they are. */
const earlierThan = ({ placedAt, id }: { placedAt: string; id: string }): object => ({
  $or: [{ placedAt: { $lt: placedAt } }, { placedAt, _id: { $lt: id } }],
});
