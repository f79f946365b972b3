import { Money } from '@seam/kernel';
import { defineCommand } from '@seam/messaging/contract';
import { z } from 'zod';

/** Takes a booking's deposit from a guest. Refused: `LIMIT_REACHED`, or `RETURNED` where the return came first. */
export const TakeDeposit = defineCommand({
  service: 'deposits',
  name: 'take-deposit',
  data: z.object({ bookingId: z.string(), guest: z.string(), amount: Money }),
  reply: z.object({}),
});

/** Gives a booking's deposit back. Nothing of it is taken afterwards, either. */
export const ReturnDeposit = defineCommand({
  service: 'deposits',
  name: 'return-deposit',
  data: z.object({ bookingId: z.string(), guest: z.string() }),
  reply: z.object({}),
});
