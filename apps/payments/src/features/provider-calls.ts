import { Logger } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import type { ProviderResult } from '../domain/provider-result.js';
import { chargeKeyOf, type Payment, refundKeyOf } from '../domain/payment.js';
import type { ChargeRequest, PaymentProvider } from '../ports/payment-provider.js';

const TIME_LIMIT_MS = 2_000;

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
    private readonly timeLimitMs = TIME_LIMIT_MS,
  ) {}

  charge(order: Omit<ChargeRequest, 'key'>): Promise<ProviderResult> {
    const { orderId, amount, token } = order;
    return this.#call('charge', orderId, async (signal) => {
      const answer = await this.provider.charge({ key: chargeKeyOf(orderId), orderId, amount, token }, signal);
      return answer.outcome === 'captured' ? { type: 'captured' } : { type: 'declined', reason: answer.reason };
    });
  }

  ask(orderId: string): Promise<ProviderResult> {
    return this.#call('ask', orderId, async (signal) => {
      const status = await this.provider.ask(chargeKeyOf(orderId), signal);
      if (status.outcome === 'declined') return { type: 'declined', reason: status.reason };
      if (status.outcome !== 'captured') return { type: status.outcome };
      const refunded = 'refunded' in status ? status.refunded : undefined;
      return { type: 'captured', ...(refunded === undefined ? {} : { refunded }) };
    });
  }

  refund({ orderId }: Payment): Promise<ProviderResult> {
    return this.#call('refund', orderId, async (signal) => {
      await this.provider.refund({ key: refundKeyOf(orderId), chargeKey: chargeKeyOf(orderId) }, signal);
      return { type: 'refunded' };
    });
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
        this.#unclear.happened(
          `${name} ${orderId}: no answer within ${this.timeLimitMs} ms, so its outcome is unknown`,
        );
        resolve({ type: 'unclear' });
        abort.abort();
      }, this.timeLimitMs);
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
