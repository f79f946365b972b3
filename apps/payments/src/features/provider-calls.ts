import { Logger } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import type { ProviderResult } from '../domain/provider-result.js';
import { type Card, chargeKeyOf, type Payment, refundKeyOf } from '../domain/payment.js';
import type { CardKeys } from '../ports/card-keys.js';
import type { ChargeRequest, PaymentProvider } from '../ports/payment-provider.js';

const TIMEOUT_MS = 2_000;

/** The key of its token was deleted, or the token was not sealed for this order. */
const UNREADABLE = { type: 'declined', reason: "the card's token can no longer be read; order again" } as const;

/**
 * Calls the provider with a time limit and returns the result: a call that throws or takes too long is `unclear`, never
 * failed. An outage of the provider is logged in a few lines, however many calls fail. Not to be called inside a
 * transaction.
 */
export class ProviderCalls {
  readonly #log = new Logger('PaymentProvider');
  readonly #unclear = new Recurring(this.#log, {
    what: 'calls whose outcome is unknown',
    remindMs: 60_000,
  });

  constructor(
    private readonly provider: PaymentProvider,
    private readonly keys: Pick<CardKeys, 'tokenOf'>,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /** If the card's token cannot be read, the provider is asked whether it was charged before. */
  charge(order: Omit<ChargeRequest, 'key' | 'token'> & { readonly card: Card }): Promise<ProviderResult> {
    const { orderId, amount, card } = order;
    return this.#call('charge', orderId, async (signal) => {
      const token = 'token' in card ? card.token : await this.keys.tokenOf(orderId, card.sealed);
      if (token === undefined) {
        const found = await this.#ask(orderId, signal);
        return found.type === 'none' ? UNREADABLE : found;
      }
      const answer = await this.provider.charge({ key: chargeKeyOf(orderId), orderId, amount, token }, signal);
      return answer.outcome === 'captured' ? { type: 'captured' } : { type: 'declined', reason: answer.reason };
    });
  }

  ask(orderId: string): Promise<ProviderResult> {
    return this.#call('ask', orderId, (signal) => this.#ask(orderId, signal));
  }

  refund({ orderId }: Payment): Promise<ProviderResult> {
    return this.#call('refund', orderId, async (signal) => {
      await this.provider.refund({ key: refundKeyOf(orderId), chargeKey: chargeKeyOf(orderId) }, signal);
      return { type: 'refunded' };
    });
  }

  async #ask(orderId: string, signal: AbortSignal): Promise<ProviderResult> {
    const status = await this.provider.ask(chargeKeyOf(orderId), signal);
    if (status.outcome === 'declined') return { type: 'declined', reason: status.reason };
    if (status.outcome !== 'captured') return { type: status.outcome };
    const refunded = 'refunded' in status ? status.refunded : undefined;
    return { type: 'captured', ...(refunded === undefined ? {} : { refunded }) };
  }

  async #call(
    name: string,
    orderId: string,
    call: (signal: AbortSignal) => Promise<ProviderResult>,
  ): Promise<ProviderResult> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<ProviderResult>((resolve) => {
      timer = setTimeout(() => {
        this.#unclear.happened(`${name} ${orderId}: no answer within ${this.timeoutMs} ms, so its outcome is unknown`);
        resolve({ type: 'unclear' });
        abort.abort();
      }, this.timeoutMs);
    });
    try {
      return await Promise.race([call(abort.signal), late]);
    } catch (error) {
      this.#unclear.happened(`${name} ${orderId}: failed, so its outcome is unknown: ${String(error)}`);
      return { type: 'unclear' };
    } finally {
      clearTimeout(timer);
    }
  }
}
