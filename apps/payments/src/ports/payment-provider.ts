import type { Money } from '@seam/kernel';

export interface ChargeRequest {
  /** Identifies this charge at the provider: two calls with one key are one charge. */
  readonly key: string;
  /** Our reference, to compare the two ledgers. */
  readonly orderId: string;
  readonly amount: Money;
  /** The card's token; secret. */
  readonly token: string;
}

export interface RefundRequest {
  /** Identifies this refund: two calls with one key are one refund. */
  readonly key: string;
  readonly chargeKey: string;
}

export type ChargeAnswer = { readonly outcome: 'captured' } | { readonly outcome: 'declined'; readonly reason: string };

export type ChargeStatus =
  | ChargeAnswer
  /** `refunded`: minor units refunded, fewer than all. */
  | { readonly outcome: 'captured'; readonly refunded?: number }
  | { readonly outcome: 'none' }
  /** All of it was refunded, by this shop or by the provider. */
  | { readonly outcome: 'refunded' }
  /** Charged back by the customer's bank. If that is disputed and won, the charge is captured again. */
  | { readonly outcome: 'charged-back' };

/**
 * The company that moves the money. After an error, or without an answer, the outcome there is unknown: `ask` finds it
 * out. A call may never answer; the caller sets a time limit, and aborts `signal` when it is over.
 */
export abstract class PaymentProvider {
  /** As in the address of its webhooks: `/api/payments/webhooks/<name>`. */
  abstract readonly name: string;

  abstract charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeAnswer>;

  /** Refunds what is left of a charge. Resolves once the refund is accepted; rejects if the charge was not captured. */
  abstract refund(request: RefundRequest, signal: AbortSignal): Promise<void>;

  /** The current status in the provider's ledger: `none` for a key that it does not have, or not yet. */
  abstract ask(chargeKey: string, signal: AbortSignal): Promise<ChargeStatus>;
}
