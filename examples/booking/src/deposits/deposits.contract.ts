import { defineCommand } from '@seam/messaging/contract';
import { z } from 'zod';

/** Takes a booking's deposit, in cents. Refused: `LIMIT_REACHED`, or `RETURNED` if the return arrived first. */
export const TakeDeposit = defineCommand({
  service: 'deposits',
  name: 'take-deposit',
  data: z.object({ bookingId: z.string(), guest: z.string(), amount: z.int() }),
  reply: z.object({ taken: z.int() }),
});

/** Returns a booking's deposit, or a part of it. A command to take it that arrives later is refused. */
export const ReturnDeposit = defineCommand({
  service: 'deposits',
  name: 'return-deposit',
  data: z.object({ bookingId: z.string(), guest: z.string(), amount: z.int().optional() }),
  reply: z.object({}),
});
