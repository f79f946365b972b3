import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { type Positioned, positioned, UnreadableStreamError } from '@seam/event-sourcing';
import { Clock } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { SagaRunner } from '@seam/saga';
import type { Caller } from '@seam/security';
import type { Order } from '../../domain/order.js';
import { Orders } from '../../ports/orders.js';
import { hidingFrom, visibleTo } from '../order.dto.js';
import { cancellationWork } from './cancellation-work.js';

export class CancelOrder extends Command<Positioned<Order>> {
  constructor(
    readonly caller: Caller,
    readonly orderId: string,
  ) {
    super();
  }
}

/** Cancels an order at its customer's or the staff's request. */
@CommandHandler(CancelOrder)
export class CancelOrderHandler implements ICommandHandler<CancelOrder, Positioned<Order>> {
  constructor(
    private readonly committer: Committer,
    private readonly runner: SagaRunner,
    private readonly clock: Clock,
    private readonly orders: Orders,
  ) {}

  async execute({ caller, orderId }: CancelOrder): Promise<Positioned<Order>> {
    const by = caller.role === 'staff' ? 'staff' : 'customer';
    const work = cancellationWork(this.runner, {
      orderId,
      code: 'CUSTOMER_REQUEST',
      reason: `cancelled by the ${by}`,
      by,
      at: this.clock.now().toISOString(),
      check: (order) => visibleTo(caller, order),
      refuseParked: true,
    });
    try {
      return await this.committer.commit(positioned(work));
    } catch (error) {
      // The decision did not run, so the caller's access to the order was not checked yet.
      if (error instanceof UnreadableStreamError) visibleTo(caller, await hidingFrom(caller, this.orders.get(orderId)));
      throw error;
    }
  }
}
