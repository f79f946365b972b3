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

/** A card whose token only the payments service can read. */
export const SealedPayment = z
  .object({
    method: z.literal('card'),
    sealed: text({ min: 1, max: 1_000 }).describe('The token, sealed by a public key of payments for this one order'),
  })
  .strict();
export type SealedPayment = z.infer<typeof SealedPayment>;

/**
 * A public key to seal cards' tokens with. The private key is deleted some days after a newer key was published; a token
 * that was sealed with it cannot be read any more then.
 */
export const CardKeyPublished = defineEvent({
  service: 'payments',
  name: 'card-key-published',
  data: z.object({
    keyId: z.string(),
    /** X25519, base64url. */
    publicKey: z.string(),
    createdAt: z.iso.datetime(),
  }),
});

/** Publishes the newest key again as {@link CardKeyPublished}; if there is none, or it is `replaces`, a new one. */
export const PublishCardKey = defineCommand({
  service: 'payments',
  name: 'publish-card-key',
  data: z.object({ replaces: z.string().optional() }),
  reply: z.object({}),
});

/**
 * Charges an order once, however often it is sent. Refused: `PAYMENT_DECLINED`, or `PAYMENT_FAILED` when the provider
 * was asked and has not charged after every attempt. No answer while the outcome is unknown.
 */
export const ChargePayment = defineCommand({
  service: 'payments',
  name: 'charge-payment',
  data: z.object({
    orderId: z.string(),
    userId: z.string(),
    amount: Money,
    // Not sealed only in orders that were placed before there were keys.
    payment: z.union([SealedPayment, PaymentMethod]),
  }),
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
