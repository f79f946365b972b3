import { LRUCache } from 'lru-cache';
import type { ChargeAnswer, ChargeRequest, ChargeStatus, RefundRequest } from '../ports/payment-provider.js';
import { PaymentProvider } from '../ports/payment-provider.js';

/** How many charges are remembered, those used last: a load test makes more than a process should keep. */
const REMEMBERED = 20_000;

/**
 * A payment provider that answers at once, from the memory of this process, so that a load test measures the shop, and
 * not the database of the fake provider's ledger. It captures every card but `tok_declined`.
 */
export class MemoryProvider extends PaymentProvider {
  readonly name = 'memory';
  readonly #charges = new LRUCache<string, ChargeStatus>({ max: REMEMBERED });
  #captured = 0;
  #refunded = 0;

  /** Charges captured and refunded so far. */
  get books(): { readonly charged: number; readonly refunds: number } {
    return { charged: this.#captured, refunds: this.#refunded };
  }

  charge({ key, token }: ChargeRequest): Promise<ChargeAnswer> {
    const known = this.#charges.get(key);
    if (known !== undefined) return Promise.resolve(known.outcome === 'declined' ? known : { outcome: 'captured' });
    const answer: ChargeAnswer =
      token === 'tok_declined' ? { outcome: 'declined', reason: 'the card was declined' } : { outcome: 'captured' };
    if (answer.outcome === 'captured') this.#captured += 1;
    this.#charges.set(key, answer);
    return Promise.resolve(answer);
  }

  refund({ chargeKey }: RefundRequest): Promise<void> {
    const outcome = this.#charges.get(chargeKey)?.outcome;
    if (outcome === 'captured') {
      this.#charges.set(chargeKey, { outcome: 'refunded' });
      this.#refunded += 1;
    }
    if (outcome === 'captured' || outcome === 'refunded') return Promise.resolve();
    return Promise.reject(new Error('there is no captured charge of this key'));
  }

  ask(chargeKey: string): Promise<ChargeStatus> {
    return Promise.resolve(this.#charges.get(chargeKey) ?? { outcome: 'none' });
  }
}
