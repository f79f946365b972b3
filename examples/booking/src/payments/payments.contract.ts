import { defineCommand, defineEvent } from '@seam/messaging/contract';
import { z } from 'zod';

const service = 'payments';
const OfGuest = z.object({ bookingId: z.string(), guest: z.string() });

/** Takes a booking's deposit, in cents. Refused: `LIMIT_REACHED`, or `RETURNED` if the return arrived first. */
export const TakeDeposit = defineCommand({
  service,
  name: 'take-deposit',
  data: OfGuest.extend({ amount: z.int() }),
  reply: z.object({ taken: z.int() }),
});

/** Returns a booking's deposit, all but what is kept of it. A command to take it that arrives later is refused. */
export const ReturnDeposit = defineCommand({
  service,
  name: 'return-deposit',
  data: OfGuest.extend({ keep: z.int() }),
  reply: z.object({}),
});

const Payment = z.object({ bookingId: z.string(), amount: z.int() });
/** A payment for a booking, in cents. Published once for each payment. */
export const PaymentReceived = defineEvent({ service, name: 'payment-received', data: Payment });
