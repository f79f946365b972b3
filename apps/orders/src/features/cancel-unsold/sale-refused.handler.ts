import { Controller } from '@nestjs/common';
import { SaleRefused } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import { Clock, type Message } from '@seam/kernel';
import { HandleEvent, PermanentError, type Work } from '@seam/messaging';
import { SagaRunner } from '@seam/saga';
import type { Order } from '../../domain/order.js';
import { cancellationWork } from '../cancel-order/cancellation-work.js';

/**
 * Cancels an order that was confirmed but cannot be delivered: its reservation had expired, and its pieces were sold to
 * other orders. The payment is refunded, and the customer is informed.
 */
@Controller()
export class SaleRefusedMessages {
  constructor(
    private readonly runner: SagaRunner,
    private readonly clock: Clock,
  ) {}

  @HandleEvent('orders', SaleRefused)
  cancel({ data }: Message<DataOf<typeof SaleRefused>>): Work {
    const at = this.clock.now().toISOString();
    return cancellationWork(this.runner, { ...data, by: 'shop', at, check: notShipped });
  }
}

/** A parcel cannot be called back: the message becomes a dead letter, for an operator to check. */
function notShipped(order: Order): Order {
  if (order.status === 'shipped')
    throw new PermanentError(`order ${order.id} was shipped, but its stock had been sold to other orders`);
  return order;
}
