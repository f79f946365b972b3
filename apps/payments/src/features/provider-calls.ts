import { Logger } from '@nestjs/common';
import type { Finding } from '../domain/finding.js';
import { chargeKeyOf, type Payment, refundKeyOf } from '../domain/payment.js';
import type { ChargeRequest, PaymentProvider } from '../ports/payment-provider.js';

const TIME_LIMIT_MS = 2_000;

/**
 * Calls the provider, each time under the limit, and says what that has shown: what throws or takes too long is
 * `unclear`, never failed. Not to be called inside a transaction.
 */
export class ProviderCalls {
  readonly #log = new Logger('PaymentProvider');

  constructor(
    private readonly provider: PaymentProvider,
    private readonly timeLimitMs = TIME_LIMIT_MS,
  ) {}

  charge(order: Omit<ChargeRequest, 'key'>): Promise<Finding> {
    const { orderId, amount, token } = order;
    return this.#call('charge', orderId, async (signal) => {
      const answer = await this.provider.charge({ key: chargeKeyOf(orderId), orderId, amount, token }, signal);
      return answer.outcome === 'captured' ? { type: 'captured' } : { type: 'declined', reason: answer.reason };
    });
  }

  ask(orderId: string): Promise<Finding> {
    return this.#call('ask', orderId, async (signal) => {
      const status = await this.provider.ask(chargeKeyOf(orderId), signal);
      return status.outcome === 'declined' ? { type: 'declined', reason: status.reason } : { type: status.outcome };
    });
  }

  refund({ orderId, amount }: Payment): Promise<Finding> {
    return this.#call('refund', orderId, async (signal) => {
      const request = { key: refundKeyOf(orderId), chargeKey: chargeKeyOf(orderId), ...(amount ? { amount } : {}) };
      await this.provider.refund(request, signal);
      return { type: 'refunded' };
    });
  }

  async #call(name: string, orderId: string, call: (signal: AbortSignal) => Promise<Finding>): Promise<Finding> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Finding>((resolve) => {
      timer = setTimeout(() => {
        this.#log.warn(`${name} ${orderId}: no answer within ${this.timeLimitMs} ms, so its outcome is unknown`);
        resolve({ type: 'unclear' });
        abort.abort();
      }, this.timeLimitMs);
    });
    try {
      return await Promise.race([call(abort.signal), late]);
    } catch (error) {
      this.#log.warn(`${name} ${orderId}: failed, so its outcome is unknown: ${String(error)}`);
      return { type: 'unclear' };
    } finally {
      clearTimeout(timer);
    }
  }
}
