import { defineCommand } from '@seam/messaging/contract';
import { z } from 'zod';

/**
 * From payments to itself: look at the provider again, because a payment is not at its end. `turn` tells the one message
 * that is to lead on from those that something else has overtaken.
 */
export const SettleCharge = defineCommand({
  service: 'payments',
  name: 'settle-charge',
  data: z.object({ orderId: z.string(), turn: z.int() }),
  reply: z.object({}),
});
