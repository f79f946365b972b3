import type { Money } from '@seam/kernel';

export interface ChargeRequest {
  /** Names this charge at the provider: two calls with one key are one charge. */
  readonly key: string;
  /** Our reference, for whoever compares the two ledgers. */
  readonly orderId: string;
  readonly amount: Money;
  /** The card's; secret. */
  readonly token: string;
}

export interface RefundRequest {
  /** Names this refund: two calls with one key are one refund. */
  readonly key: string;
  readonly chargeKey: string;
}

export type ChargeAnswer = { readonly outcome: 'captured' } | { readonly outcome: 'declined'; readonly reason: string };

export type ChargeStatus =
  | ChargeAnswer
  /** `refunded`: minor units of it that went back, fewer than all. */
  | { readonly outcome: 'captured'; readonly refunded?: number }
  | { readonly outcome: 'none' }
  /** All of it went back, ordered here or there. */
  | { readonly outcome: 'refunded' }
  /** The customer's bank has taken it back. Where that is fought and won, it is captured again. */
  | { readonly outcome: 'charged-back' };

/**
 * The company that moves the money. An error, or no answer, says nothing about what happened there: `ask` does. A call
 * may never answer; whoever calls sets a limit, and aborts `signal` when it has passed.
 */
export abstract class PaymentProvider {
  /** As in the address of its webhooks: `/api/payments/webhooks/<name>`. */
  abstract readonly name: string;

  abstract charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeAnswer>;

  /** Gives back what is left of a charge. Resolves once that is on its way; rejects where the charge was not captured. */
  abstract refund(request: RefundRequest, signal: AbortSignal): Promise<void>;

  /** What the provider's ledger says now: `none` for a key it has not seen, or not yet. */
  abstract ask(chargeKey: string, signal: AbortSignal): Promise<ChargeStatus>;
}
