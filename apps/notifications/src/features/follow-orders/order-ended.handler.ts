import { Controller } from '@nestjs/common';
import { OrderCancelled, OrderShipped, PaymentRefunded } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleEvent, lowPriority, type Work, work } from '@seam/messaging';
import type { Send } from '../../domain/notification.js';
import { NotificationWork } from '../../ports/notifications.js';

/**
 * Informs customers about what happens to their orders: a cancellation, a shipment, a refund. E-mails that a saga waits for
 * are ordered by its command; one e-mail per order and kind is sent, whichever came first.
 */
@Controller()
export class OrderEndedHandlers {
  @HandleEvent('notifications', OrderCancelled)
  cancelled({ data: { orderId, userId, total, code } }: Message<DataOf<typeof OrderCancelled>>): Work {
    return notify({ orderId, userId, total, code, kind: 'order-cancelled' });
  }

  @HandleEvent('notifications', OrderShipped)
  shipped({ data: { orderId, userId, total, tracking } }: Message<DataOf<typeof OrderShipped>>): Work {
    return notify({ orderId, userId, total, tracking, kind: 'order-shipped' });
  }

  @HandleEvent('notifications', PaymentRefunded)
  refunded({ data: { orderId, userId, amount } }: Message<DataOf<typeof PaymentRefunded>>): Work {
    return notify({ orderId, userId, total: amount, kind: 'order-refunded' });
  }
}

const notify = (what: Omit<Send, 'type'>): Work =>
  lowPriority(work(NotificationWork, { type: 'send', ...what }, () => ({ value: undefined, messages: [] })));
