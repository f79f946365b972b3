import { Money } from '@seam/kernel';
import { z } from 'zod';
import { defineCommand } from '@seam/messaging/contract';
import { CancellationCode } from './orders.js';

export const NotificationKind = z.enum(['order-confirmed', 'order-cancelled', 'order-shipped', 'order-refunded']);
export type NotificationKind = z.infer<typeof NotificationKind>;

/** Queues one e-mail per order and kind. Done once that is durable: it is sent later. */
export const SendNotification = defineCommand({
  service: 'notifications',
  name: 'send-notification',
  data: z.object({
    orderId: z.string(),
    userId: z.string(),
    kind: NotificationKind,
    total: Money,
    /** Only for a cancellation. */
    code: CancellationCode.optional(),
  }),
  reply: z.object({}),
});

/** Cancels an e-mail that was not sent yet; also done if it was sent, or never queued. */
export const CancelNotification = defineCommand({
  service: 'notifications',
  name: 'cancel-notification',
  data: z.object({ orderId: z.string(), userId: z.string(), kind: NotificationKind }),
  reply: z.object({}),
});
