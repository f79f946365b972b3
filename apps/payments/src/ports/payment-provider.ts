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
  /** The whole charge where it is left out. */
  readonly amount?: Money;
}

export type ChargeAnswer = { readonly outcome: 'captured' } | { readonly outcome: 'declined'; readonly reason: string };

export type ChargeStatus = ChargeAnswer | { readonly outcome: 'none' } | { readonly outcome: 'refunded' };

/**
 * The company that moves the money. An error, or no answer, says nothing about what happened there: `ask` does. A call
 * may never answer; whoever calls sets a limit, and aborts `signal` when it has passed.
 */
export abstract class PaymentProvider {
  /** As in the address of its webhooks: `/api/payments/webhooks/<name>`. */
  abstract readonly name: string;

  abstract charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeAnswer>;

  /** Resolves once the money is on its way back; rejects where that charge was not captured. */
  abstract refund(request: RefundRequest, signal: AbortSignal): Promise<void>;

  /** What the provider's ledger says now: `none` for a key it has not seen, or not yet. */
  abstract ask(chargeKey: string, signal: AbortSignal): Promise<ChargeStatus>;
}
