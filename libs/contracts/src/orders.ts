import { Money } from '@seam/kernel';
import { z } from 'zod';
import { defineEvent } from '@seam/messaging/contract';
import { OrderLine } from './inventory.js';

export const CancellationCode = z.enum(['OUT_OF_STOCK', 'PAYMENT_DECLINED', 'PAYMENT_FAILED', 'CUSTOMER_REQUEST']);
export type CancellationCode = z.infer<typeof CancellationCode>;

const order = { orderId: z.string(), userId: z.string(), total: Money };

export const OrderPlaced = defineEvent({
  service: 'orders',
  name: 'order-placed',
  data: z.object({ ...order, lines: z.array(OrderLine), placedAt: z.iso.datetime() }),
});

export const OrderConfirmed = defineEvent({
  service: 'orders',
  name: 'order-confirmed',
  data: z.object({ ...order, confirmedAt: z.iso.datetime() }),
});

/** `wasConfirmed`: whether its total had counted as revenue. */
export const OrderCancelled = defineEvent({
  service: 'orders',
  name: 'order-cancelled',
  data: z.object({
    ...order,
    code: CancellationCode,
    reason: z.string(),
    wasConfirmed: z.boolean(),
    cancelledAt: z.iso.datetime(),
  }),
});

export const OrderShipped = defineEvent({
  service: 'orders',
  name: 'order-shipped',
  data: z.object({ ...order, tracking: z.string(), shippedAt: z.iso.datetime() }),
});
