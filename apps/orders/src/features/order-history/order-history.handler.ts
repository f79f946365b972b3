import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { currentForm, type RecordedEvent } from '@seam/event-sourcing';
import type { Caller } from '@seam/security';
import { OrderAggregate } from '../../domain/order.js';
import { Orders } from '../../ports/orders.js';
import { hidingFrom, visibleTo } from '../order.dto.js';

/** An event in its current form. */
export interface HistoryEntry extends Omit<RecordedEvent, 'schemaVersion'> {
  /** Of the form in which it is stored. */
  readonly storedAs: number;
}

export class OrderHistory extends Query<readonly HistoryEntry[]> {
  constructor(
    readonly caller: Caller,
    readonly orderId: string,
  ) {
    super();
  }
}

/** An order's events in their current form, oldest first, for its owner and the staff. */
@QueryHandler(OrderHistory)
export class OrderHistoryHandler implements IQueryHandler<OrderHistory> {
  constructor(private readonly orders: Orders) {}

  async execute({ caller, orderId }: OrderHistory): Promise<readonly HistoryEntry[]> {
    const { order, events } = await hidingFrom(caller, this.orders.history(orderId));
    visibleTo(caller, order);
    return events.map((event) => ({ ...currentForm(OrderAggregate, event), storedAs: event.schemaVersion }));
  }
}
