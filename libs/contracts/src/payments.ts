import { Money, text } from '@seam/kernel';
import { z } from 'zod';
import { defineCommand, defineEvent } from '@seam/messaging/contract';

export const PaymentMethod = z
  .object({
    method: z.literal('card'),
    token: text({ min: 1, max: 200 }).describe("The card's token from the payment provider's form"),
  })
  .strict();
export type PaymentMethod = z.infer<typeof PaymentMethod>;

/**
 * Charges an order once, however often it is sent. Refused: `PAYMENT_DECLINED`, or `PAYMENT_FAILED` when the provider
 * was asked and has not charged after every attempt. No answer while the outcome is unknown.
 */
export const ChargePayment = defineCommand({
  service: 'payments',
  name: 'charge-payment',
  data: z.object({ orderId: z.string(), userId: z.string(), amount: Money, payment: PaymentMethod }),
  reply: z.object({}),
});

/** Refunds an order's payment; without one it is done as well, and a charge that arrives later is refused. */
export const RefundPayment = defineCommand({
  service: 'payments',
  name: 'refund-payment',
  data: z.object({ orderId: z.string(), userId: z.string() }),
  reply: z.object({}),
});

/** An order's payment was refunded completely, by the shop, the provider or the customer's bank. */
export const PaymentRefunded = defineEvent({
  service: 'payments',
  name: 'payment-refunded',
  data: z.object({ orderId: z.string(), userId: z.string(), amount: Money, refundedAt: z.iso.datetime() }),
});
