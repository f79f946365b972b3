import { ChargePayment, RefundPayment } from '@seam/contracts';
import { messageOf, replyType } from '@seam/messaging/contract';
import { type Message, newId } from '@seam/kernel';
import type { Work } from '@seam/messaging';
import { decide } from '../domain/decide.js';
import type { Payment } from '../domain/payment.js';
import { ChargePaymentHandler } from '../features/charge-payment/charge-payment.handler.js';
import { paymentWork } from '../features/payment-work.js';
import { ProviderCalls } from '../features/provider-calls.js';
import { RefundPaymentHandler } from '../features/refund-payment/refund-payment.handler.js';
import { SettleCharge } from '../features/settle-charge/settle-charge-command.js';
import { SettleChargeHandler } from '../features/settle-charge/settle-charge.handler.js';
import { type ChargeAnswer, type ChargeStatus, PaymentProvider } from '../ports/payment-provider.js';
import { type PaymentChange, Payments } from '../ports/payments.js';

/** How a call ends: with success; failing before, or after, its effect; or failing first and having its effect later. */
export type Fault = 'none' | 'before' | 'after' | 'late';

export interface Choices {
  /** The index of the step that happens next, out of `among`. */
  pick(among: number): number;
  fault(): Fault;
}

const ORDER = 'order-1';
/** Its cards are not sealed. */
const noKeys = { tokenOf: () => Promise.resolve(undefined) };
const address = { userId: 'user-1', orderId: ORDER };

/**
 * A simulation of one order's payment: the real handlers and decisions, a provider that fails as the test chooses, and
 * every message, call, answer and commit happens in the order that the test chooses. Each message is handled to its
 * end.
 */
export class PaymentSimulation {
  payment: Payment | undefined;
  readonly ledger = { charged: 0, declined: false, refunds: 0, chargedBack: false };
  readonly answers: { context: string; outcome: string }[] = [];
  private readonly pending: (() => void)[] = [];
  private steps = 0;

  constructor(
    private readonly choices: Choices,
    private readonly declines = false,
  ) {}

  charge(context: string): void {
    const data = {
      ...address,
      amount: { amount: 100, currency: 'EUR' },
      payment: { method: 'card', token: 'tok' },
    } as const;
    this.#deliver(this.#message(messageOf(ChargePayment, ORDER, data, { replyTo: { service: 'orders', context } })));
  }

  refund(context: string): void {
    this.#deliver(this.#message(messageOf(RefundPayment, ORDER, address, { replyTo: { service: 'orders', context } })));
  }

  /** Runs all pending steps, and all steps that follow from them. */
  async run(): Promise<void> {
    while (this.pending.length > 0) {
      if ((this.steps += 1) > 2_000) throw new Error('it never comes to an end');
      const [next] = this.pending.splice(this.choices.pick(this.pending.length), 1);
      next?.();
      await new Promise(setImmediate);
    }
  }

  readonly #handlers = this.#build();

  #build(): Record<string, (message: Message<never>) => Promise<Work>> {
    const payments = new (class extends Payments {
      constructor(private readonly simulation: PaymentSimulation) {
        super();
      }
      find(): Promise<Payment | undefined> {
        return Promise.resolve(this.simulation.payment);
      }
      list(): Promise<never> {
        throw new Error('no handler lists payments');
      }
      history(): Promise<never> {
        throw new Error('no handler reads the history');
      }
    })(this);
    const calls = new ProviderCalls(new SimulatedProvider(this), noKeys, 60_000);
    const charge = new ChargePaymentHandler(calls, payments);
    const refund = new RefundPaymentHandler(calls, payments);
    const settle = new SettleChargeHandler(calls, payments);
    return {
      [ChargePayment.type]: (message) => charge.charge(message),
      [RefundPayment.type]: (message) => refund.refund(message),
      [SettleCharge.type]: (message) => settle.settle(message),
    };
  }

  #deliver(message: Message): void {
    void this.step().then(async () => {
      const work = await this.#handlers[message.type]?.(message as Message<never>);
      await this.step();
      if (work !== undefined) this.#commit(work);
    });
  }

  #commit(work: Work): void {
    const decision = decide(this.payment, work.input as PaymentChange);
    this.payment = decision.payment ?? this.payment;
    for (const outgoing of work.settle(decision).messages) {
      if (outgoing.type === SettleCharge.type) this.#deliver(this.#message(outgoing));
      else if (outgoing.type === replyType('orders')) this.answers.push(flat(outgoing.data as Flat));
    }
  }

  step(): Promise<void> {
    return new Promise((resolve) => this.pending.push(resolve));
  }

  /** A call to the provider in three steps: the request, its effect, the answer. */
  async call<T>(effect: () => T): Promise<T> {
    await this.step();
    const fault = this.choices.fault();
    if (fault === 'before') throw new Error('it failed');
    if (fault === 'late') {
      // Its result, or its error, is lost.
      void this.step()
        .then(() => effect())
        .catch(() => undefined)
        .then(() => (this.ledger.charged > 0 ? this.notify() : undefined));
      throw new Error('it took too long');
    }
    const result = effect();
    await this.step();
    if (fault === 'after') throw new Error('the answer was lost');
    return result;
  }

  /** The provider sends a webhook, whether something happened or not. */
  notify(): void {
    void this.step().then(() => this.#commit(paymentWork({ type: 'notified', orderId: ORDER })));
  }

  /** The provider refunds a captured charge, or the customer's bank charges it back, at a later step. */
  reverse(how: 'refund' | 'chargeback'): void {
    void this.step().then(() => {
      // Only after this shop has stored the payment: an earlier webhook is about an unknown charge.
      if (this.payment === undefined || this.ledger.charged === 0) return;
      if (this.ledger.refunds > 0 || this.ledger.chargedBack) return;
      if (how === 'refund') this.ledger.refunds = 1;
      else this.ledger.chargedBack = true;
      this.notify();
    });
  }

  #message<D>(outgoing: Omit<Message<D>, 'id' | 'source' | 'at'>): Message<D> {
    return { id: newId(), source: 'orders', at: new Date().toISOString(), ...outgoing };
  }

  enter(): ChargeAnswer {
    if (this.declines) this.ledger.declined = true;
    else if (this.ledger.charged === 0) this.ledger.charged = 1;
    return this.declines ? { outcome: 'declined', reason: 'no' } : { outcome: 'captured' };
  }
}

interface Flat {
  readonly context: string;
  readonly outcome: { readonly outcome: string; readonly code?: string };
}
const flat = ({ context, outcome }: Flat): { context: string; outcome: string } => ({
  context,
  outcome: outcome.code ?? outcome.outcome,
});

class SimulatedProvider extends PaymentProvider {
  readonly name = 'simulation';

  constructor(private readonly simulation: PaymentSimulation) {
    super();
  }

  charge(): Promise<ChargeAnswer> {
    return this.simulation.call(() => this.simulation.enter());
  }

  refund(): Promise<void> {
    return this.simulation.call(() => {
      const { charged, chargedBack } = this.simulation.ledger;
      if (charged === 0 || chargedBack) throw new Error('no such charge');
      this.simulation.ledger.refunds = 1;
    });
  }

  ask(): Promise<ChargeStatus> {
    return this.simulation.call((): ChargeStatus => {
      const { charged, declined, refunds, chargedBack } = this.simulation.ledger;
      if (declined) return { outcome: 'declined', reason: 'no' };
      if (charged === 0) return { outcome: 'none' };
      if (refunds > 0) return { outcome: 'refunded' };
      return { outcome: chargedBack ? 'charged-back' : 'captured' };
    });
  }
}
