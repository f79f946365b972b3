import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { ReadModels, type StreamPosition } from '@seam/event-sourcing';
import type { Caller } from '@seam/security';
import { type Order, OrderAggregate } from '../../domain/order.js';
import { Customers } from '../../ports/customers.js';
import { OrderFinder, type OrderQuery } from '../../ports/order-finder.js';

export interface OrdersWanted extends OrderQuery {
  /** The customer's complete address, case-insensitive. */
  readonly email?: string | undefined;
}

export class ListOrders extends Query<readonly Order[]> {
  constructor(
    readonly caller: Caller,
    readonly wanted: OrdersWanted,
    /** The list must have this; undefined to answer what it has. */
    readonly position?: StreamPosition,
  ) {
    super();
  }
}

/** Orders, latest first: a customer's own orders, or all orders for the staff. */
@QueryHandler(ListOrders)
export class ListOrdersHandler implements IQueryHandler<ListOrders> {
  constructor(
    private readonly finder: OrderFinder,
    private readonly customers: Customers,
    private readonly models: ReadModels,
  ) {}

  async execute({ caller: { role, userId }, wanted, position }: ListOrders): Promise<readonly Order[]> {
    const { email, ...query } = wanted;
    await this.models.reach(OrderAggregate.category, position);
    if (role !== 'staff') return this.finder.list({ ...query, userId });
    if (email === undefined) return this.finder.list(query);
    const customer = await this.customers.byEmail(email);
    if (customer === undefined || customer.id !== (query.userId ?? customer.id)) return [];
    return this.finder.list({ ...query, userId: customer.id });
  }
}
