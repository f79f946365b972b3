import type { ChargeAnswer, ChargeRequest, ChargeStatus, RefundRequest } from '../../ports/payment-provider.js';
import { PaymentProvider } from '../../ports/payment-provider.js';
import type { Entry, Ledger } from './ledger.js';

export interface FakeProviderOptions {
  /** How long `tok_slow` takes to answer, ms: more than its caller's patience. */
  readonly slowAnswerMs?: number;
}

const FLAKY_FAILURES = 2;

/**
 * A payment provider for development and tests, which does as the card's token says: `tok_visa` is captured,
 * `tok_declined` declined, `tok_flaky` fails twice and is then captured, `tok_slow` is captured and answered too late,
 * `tok_lost` captured and never answered, `tok_down` always fails; any other is declined. Charges by the same key are one.
 */
export class FakeProvider extends PaymentProvider {
  readonly name = 'fake';

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
        if (await this.ledger.fails(request.key, FLAKY_FAILURES))
          throw new Error('the provider is having a bad moment');
        return this.#enter(request, null);
      case 'tok_slow':
        return later(await this.#enter(request, null), this.options.slowAnswerMs ?? 2_500);
      case 'tok_lost':
        await this.#enter(request, null);
        return new Promise(() => undefined);
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
    return entry.refunded ? { outcome: 'refunded' } : answerOf(entry);
  }

  async #enter(request: ChargeRequest, declined: string | null): Promise<ChargeAnswer> {
    return answerOf(await this.ledger.enter(request, declined));
  }
}

const answerOf = ({ declined }: Entry): ChargeAnswer =>
  declined === null ? { outcome: 'captured' } : { outcome: 'declined', reason: declined };

/** Keeps no process alive by waiting. */
const later = <T>(value: T, ms: number): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(value), ms).unref());
