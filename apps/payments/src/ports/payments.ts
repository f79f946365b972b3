import type { WorkKind } from '@seam/messaging';
import type { Decision, PaymentInput } from '../domain/decide.js';
import type { Payment } from '../domain/payment.js';

export type PaymentChange = PaymentInput & {
  /** The provider's event this came by; one that was received before changes nothing. */
  readonly event?: { readonly provider: string; readonly id: string };
};

/** Decides about a payment and stores it: each decision sees the one before it, from whichever process. */
export const PaymentKind: WorkKind<PaymentChange, Decision> = { name: 'payment' };

/** The payments as they are stored, read without a lock. */
export abstract class Payments {
  abstract find(orderId: string): Promise<Payment | undefined>;
}
