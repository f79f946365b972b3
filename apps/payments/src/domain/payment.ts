import type { Money, ReplyAddress } from '@seam/kernel';

/**
 * The state of a payment:
 * - `unknown`: the provider was called and its answer is not known; it is asked until it is known.
 * - `voiding`: unknown as well, and a refund was ordered meanwhile: a charge that is found is refunded.
 * - `captured`, `declined`: the provider's answer.
 * - `failed`: the provider was asked and has not charged after every attempt.
 * - `voided`: a refund arrived before anything was captured; a charge that arrives later is refused.
 * - `refunding`: captured, and being refunded.
 * - `refunded`: all of it was refunded.
 * - `charged-back`: captured, and charged back by the customer's bank.
 */
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** All states that this version of the code knows. */
export const PAYMENT_STATES = [
  'unknown',
  'voiding',
  'captured',
  'declined',
  'failed',
  'voided',
  'refunding',
  'refunded',
  'charged-back',
] as const;

export const isPaymentState = (state: string): state is PaymentState =>
  (PAYMENT_STATES as readonly string[]).includes(state);

/** Who refunded: this shop, the provider's staff, or the customer's bank. */
export type RefundedBy = 'shop' | 'provider' | 'chargeback';

/** A sender of a command that has no reply yet. */
export interface ReplyTarget {
  readonly replyTo?: ReplyAddress;
  readonly correlationId: string;
}

export interface Failure {
  readonly code: 'PAYMENT_DECLINED' | 'PAYMENT_FAILED';
  readonly reason: string;
}

/** A card: its token, or the token sealed with a key of this service. */
export type Card = { readonly token: string } | { readonly sealed: string };

export interface Payment {
  readonly orderId: string;
  readonly userId: string;
  readonly state: PaymentState;
  /** Undefined while only a refund is known of this order. */
  readonly amount?: Money;
  /** Kept only while a charge may have to be repeated. */
  readonly card?: Card;
  /** What was refunded, minor units: all of it if the state says so, otherwise what the provider refunded by itself. */
  readonly refunded?: { readonly amount: number; readonly by: RefundedBy };
  /** Why the charge was, or will be, refused. */
  readonly failure?: Failure;
  /** How often the provider was asked to charge. */
  readonly attempts: number;
  /** Polls of the provider since the last change of state: the delay to the next one grows with it. */
  readonly tries: number;
  /** How many polls have been ordered: the number of the newest one, and only the message with that number counts. */
  readonly pollNumber: number;
  /** Whether that message is still to come. */
  readonly due: boolean;
  /** The newest ChargePayment without an answer. */
  readonly chargeReplyTarget?: ReplyTarget;
  /** The newest RefundPayment without an answer. */
  readonly refundReplyTarget?: ReplyTarget;
}

/** The provider's names of an order's one charge and one refund: the same at every attempt, so neither happens twice. */
export const chargeKeyOf = (orderId: string): string => `charge-${orderId}`;
export const refundKeyOf = (orderId: string): string => `refund-${orderId}`;

/** The order a charge key belongs to; `undefined` for a key that is not ours. */
export const orderOfChargeKey = (key: string): string | undefined => /^charge-([\w-]{1,64})$/.exec(key)?.[1];

/** Not settled: the provider has to be asked again. */
export const isOpen = ({ state }: Payment): boolean =>
  state === 'unknown' || state === 'voiding' || state === 'refunding';

/** Whether the charge's outcome is final for the saga that ordered it. */
export const chargeIsSettled = ({ state }: Payment): boolean => state !== 'unknown' && state !== 'voiding';

/** Whether it is certain that the shop keeps nothing of an order's payment. */
export const refundIsSettled = ({ state }: Payment): boolean =>
  state === 'declined' || state === 'failed' || state === 'voided' || state === 'refunded' || state === 'charged-back';
