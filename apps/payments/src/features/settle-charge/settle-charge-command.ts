import { defineCommand } from '@seam/messaging/contract';
import { z } from 'zod';

/**
 * From payments to itself: ask the provider again, because the payment is not settled yet. `turn` is the number of the
 * poll: a message whose number is not the payment's newest is outdated, and does nothing.
 */
export const SettleCharge = defineCommand({
  service: 'payments',
  name: 'settle-charge',
  data: z.object({ orderId: z.string(), turn: z.int() }),
  reply: z.object({}),
});
