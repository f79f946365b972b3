import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { eventWork, fold, type Positioned, positioned } from '@seam/event-sourcing';
import { Clock } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import type { Caller } from '@seam/security';
import { ship } from '../../domain/decide.js';
import { type Order, OrderAggregate } from '../../domain/order.js';
import { published } from '../../domain/published.js';
import { visibleTo } from '../order.dto.js';

export class ShipOrder extends Command<Positioned<Order>> {
  constructor(
    readonly caller: Caller,
    readonly orderId: string,
    readonly tracking: string,
  ) {
    super();
  }
}

/** Records that a confirmed order was shipped, and publishes that in the same commit. */
@CommandHandler(ShipOrder)
export class ShipOrderHandler implements ICommandHandler<ShipOrder, Positioned<Order>> {
  constructor(
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {}

  execute({ caller, orderId, tracking }: ShipOrder): Promise<Positioned<Order>> {
    const at = this.clock.now().toISOString();
    const work = eventWork({ order: { aggregate: OrderAggregate, id: orderId } }, ({ order }) => {
      const events = ship(visibleTo(caller, order), tracking, at);
      const value = fold(OrderAggregate, events, order);
      return { events: { order: events }, messages: published(order, events), value };
    });
    return this.committer.commit(positioned(work));
  }
}
