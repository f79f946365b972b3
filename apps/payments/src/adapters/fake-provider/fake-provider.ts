import { Logger } from '@nestjs/common';
import { newId } from '@seam/kernel';
import type { ChargeAnswer, ChargeRequest, ChargeStatus, RefundRequest } from '../../ports/payment-provider.js';
import { PaymentProvider } from '../../ports/payment-provider.js';
import type { Entry, Ledger } from './ledger.js';

/** As the provider would send it to the address for webhooks. */
export interface FakeEvent {
  readonly id: string;
  readonly type: 'charge.refunded' | 'charge.charged-back' | 'charge.reinstated';
  readonly chargeKey: string;
}

export interface FakeProviderOptions {
  /** Receives the provider's webhook events; without it none are sent. */
  readonly sendEvent?: (event: FakeEvent) => Promise<unknown>;
  /** Delay between the charge and the refund or chargeback of `tok_refunded` and `tok_chargeback`, ms. */
  readonly reversalDelayMs?: number;
  /** How long `tok_slow` takes to answer, ms: longer than its caller's time limit. */
  readonly slowAnswerMs?: number;
}

const FLAKY_FAILURES = 2;

/**
 * A payment provider for development and tests. The card's token decides what it does: `tok_visa` is captured,
 * `tok_declined` declined, `tok_flaky` fails twice and is then captured, `tok_slow` is captured and answered too late,
 * `tok_lost` captured and never answered, `tok_down` always fails, `tok_refunded` is captured and soon afterwards refunded
 * by the provider, `tok_chargeback` is captured and then charged back; any other is declined. Two charges with the same
 * key are one charge.
 */
export class FakeProvider extends PaymentProvider {
  readonly name = 'fake';
  readonly #log = new Logger('FakeProvider');

  constructor(
    private readonly ledger: Ledger,
    private readonly options: FakeProviderOptions = {},
  ) {
    super();
  }

  async charge(request: ChargeRequest): Promise<ChargeAnswer> {
    switch (request.token) {
      case 'tok_visa':
        return this.#enter(request, null);
      case 'tok_declined':
        return this.#enter(request, 'the card was declined');
      case 'tok_flaky':
        if (await this.ledger.fails(request.key, FLAKY_FAILURES)) throw new Error('the provider failed temporarily');
        return this.#enter(request, null);
      case 'tok_slow':
        return later(await this.#enter(request, null), this.options.slowAnswerMs ?? 2_500);
      case 'tok_lost':
        await this.#enter(request, null);
        return new Promise(() => undefined);
      case 'tok_refunded':
        return this.#thenLater(await this.#enter(request, null), () => this.refundByItself(request.key));
      case 'tok_chargeback':
        return this.#thenLater(await this.#enter(request, null), () => this.chargeBack(request.key));
      case 'tok_down':
        throw new Error('the provider is down');
      default:
        return this.#enter(request, 'the card is unknown');
    }
  }

  async refund({ key, chargeKey }: RefundRequest): Promise<void> {
    if (!(await this.ledger.refund(chargeKey, key))) throw new Error('there is no captured charge of this key');
  }

  async ask(chargeKey: string): Promise<ChargeStatus> {
    const entry = await this.ledger.find(chargeKey);
    if (entry === undefined) return { outcome: 'none' };
    if (entry.refunded) return { outcome: 'refunded' };
    if (entry.chargedBack) return { outcome: 'charged-back' };
    return entry.partlyRefunded > 0 ? { outcome: 'captured', refunded: entry.partlyRefunded } : answerOf(entry);
  }

  /** Acts as if the provider's staff refunded a charge: all of it, or `part` minor units. */
  async refundByItself(chargeKey: string, part?: number): Promise<void> {
    if (part === undefined) await this.ledger.refund(chargeKey, `by-itself-${chargeKey}`);
    else await this.ledger.refundPart(chargeKey, part);
    await this.#sendEvent('charge.refunded', chargeKey);
  }

  /** Acts as if the customer's bank charged a charge back, or lost the dispute and had to return the money. */
  async chargeBack(chargeKey: string, isBack = true): Promise<void> {
    await this.ledger.chargeBack(chargeKey, isBack);
    await this.#sendEvent(isBack ? 'charge.charged-back' : 'charge.reinstated', chargeKey);
  }

  /** Sent once: a webhook may be lost, and this one is lost if the process ends before it is sent. */
  async #sendEvent(type: FakeEvent['type'], chargeKey: string): Promise<void> {
    await this.options.sendEvent?.({ id: newId(), type, chargeKey });
  }

  #thenLater(answer: ChargeAnswer, act: () => Promise<void>): ChargeAnswer {
    const give = (): void =>
      void act().catch((error: unknown) => this.#log.warn(`the refund or chargeback failed: ${String(error)}`));
    setTimeout(give, this.options.reversalDelayMs ?? 1_000).unref();
    return answer;
  }

  async #enter(request: ChargeRequest, declined: string | null): Promise<ChargeAnswer> {
    return answerOf(await this.ledger.enter(request, declined));
  }
}

const answerOf = ({ declined }: Entry): ChargeAnswer =>
  declined === null ? { outcome: 'captured' } : { outcome: 'declined', reason: declined };

/** The timer does not keep the process alive. */
const later = <T>(value: T, ms: number): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(value), ms).unref());
