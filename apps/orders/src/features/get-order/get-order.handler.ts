import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import type { Caller } from '@seam/security';
import type { Order } from '../../domain/order.js';
import { Orders } from '../../ports/orders.js';
import { hidingFrom, visibleTo } from '../order.dto.js';

export class GetOrder extends Query<Order> {
  constructor(
    readonly caller: Caller,
    readonly orderId: string,
  ) {
    super();
  }
}

/** One order, read from its events; for a caller who may not see it, it does not exist. */
@QueryHandler(GetOrder)
export class GetOrderHandler implements IQueryHandler<GetOrder> {
  constructor(private readonly orders: Orders) {}

  async execute({ caller, orderId }: GetOrder): Promise<Order> {
    return visibleTo(caller, await hidingFrom(caller, this.orders.get(orderId)));
  }
}
