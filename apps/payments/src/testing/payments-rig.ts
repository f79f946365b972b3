import {
  CardKeyPublished,
  ChargePayment,
  type PaymentMethod,
  PaymentRefunded,
  PublishCardKey,
  RefundPayment,
  type SealedPayment,
} from '@seam/contracts';
import { type CommandContract, type DataOf, messageOf, Reply, replyType } from '@seam/messaging/contract';
import { type Message, newId } from '@seam/kernel';
import type { OutboxEntry, Work } from '@seam/messaging';
import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import { FakeProvider } from '../adapters/fake-provider/fake-provider.js';
import { Ledger } from '../adapters/fake-provider/ledger.js';
import { FakeProvider1760300000001 } from '../adapters/fake-provider/migrations/given-back.js';
import { FakeProvider1760000100001 } from '../adapters/fake-provider/migrations/charges.js';
import { PostgresCardKeys } from '../adapters/postgres-card-keys.js';
import { PostgresPaymentWork } from '../adapters/postgres-payment-work.js';
import { PostgresPayments } from '../adapters/postgres-payments.js';
import type { Card } from '../domain/payment.js';
import { ChargePaymentHandler } from '../features/charge-payment/charge-payment.handler.js';
import { ProviderCalls } from '../features/provider-calls.js';
import { PublishCardKeyHandler } from '../features/publish-card-key/publish-card-key.handler.js';
import { RefundPaymentHandler } from '../features/refund-payment/refund-payment.handler.js';
import { SettleCharge } from '../features/settle-charge/settle-charge-command.js';
import { SettleChargeHandler } from '../features/settle-charge/settle-charge.handler.js';
import { CardKeys1764300000000 } from '../migrations/card-keys.js';
import { PaymentAudit1760300000000 } from '../migrations/payment-audit.js';
import { Payments1760000100000 } from '../migrations/payments.js';
import type { PaymentProvider } from '../ports/payment-provider.js';

export interface LedgerEntry {
  readonly charged: number;
  readonly refunds: number;
  readonly declined: string | null;
}

/** The service on a real database; the test replaces the transport and decides when messages are delivered. */
export class PaymentsRig {
  readonly committer: PostgresCommitter;
  readonly payments: PostgresPayments;
  readonly cardKeys: PostgresCardKeys;
  readonly replies: { orderId: string; context: unknown; outcome: Reply['outcome'] }[] = [];
  /** Requested delays, ms, in order. */
  readonly delays: number[] = [];
  polls: Message[] = [];
  /** The orders to replace a key, and when they are due. */
  readonly replacements: { readonly message: Message; readonly at: Date | undefined }[] = [];
  readonly publishedKeys: DataOf<typeof CardKeyPublished>[] = [];
  /** The orders for which a refund was published. */
  readonly refundsPublished: string[] = [];
  private readonly handlers: Record<string, (message: Message<never>) => Promise<Work>>;

  private constructor(
    readonly database: Database,
    provider: PaymentProvider,
    timeoutMs: number,
  ) {
    const relay = { handOver: this.#sort.bind(this), whenDispatched: () => Promise.resolve() };
    this.committer = new PostgresCommitter({ service: 'payments', database, relay });
    new PostgresPaymentWork(this.committer);
    this.payments = new PostgresPayments(database);
    this.cardKeys = new PostgresCardKeys(database);
    const calls = new ProviderCalls(provider, this.cardKeys, timeoutMs);
    const charge = new ChargePaymentHandler(calls, this.payments);
    const settle = new SettleChargeHandler(calls, this.payments);
    const refund = new RefundPaymentHandler(calls, this.payments);
    const publish = new PublishCardKeyHandler(this.cardKeys);
    this.handlers = {
      [ChargePayment.type]: (message) => charge.charge(message),
      [SettleCharge.type]: (message) => settle.settle(message),
      [RefundPayment.type]: (message) => refund.refund(message),
      [PublishCardKey.type]: (message) => Promise.resolve(publish.publish(message)),
    };
  }

  static async open(
    url: string,
    options: {
      wrap?: (provider: PaymentProvider) => PaymentProvider;
      timeoutMs?: number;
      slowAnswerMs?: number;
    } = {},
  ): Promise<PaymentsRig> {
    const migrations = [
      ...messagingMigrations,
      Payments1760000100000,
      PaymentAudit1760300000000,
      CardKeys1764300000000,
      FakeProvider1760000100001,
      FakeProvider1760300000001,
    ];
    const database = await Database.open({ name: 'payments', url, migrations });
    const provider = new FakeProvider(new Ledger(database), options);
    return new PaymentsRig(database, options.wrap?.(provider) ?? provider, options.timeoutMs ?? 2_000);
  }

  /** @param card its token, or its token sealed */
  chargeMessage(orderId: string, card: string | SealedCard, context: unknown = 'charge', at = new Date()): Message {
    const data = { orderId, userId: 'user-1', amount: { amount: 1299, currency: 'EUR' }, payment: paymentBy(card) };
    return this.#message(ChargePayment, orderId, data, context, at);
  }

  refundMessage(orderId: string, context: unknown = 'refund'): Message {
    return this.#message(RefundPayment, orderId, { orderId, userId: 'user-1' }, context, new Date());
  }

  /** Handles a message up to the commit, which the caller executes, or leaves out to simulate a crash. */
  prepare(message: Message): Promise<Work> {
    const handle = this.handlers[message.type];
    if (handle === undefined) throw new Error(`no handler for ${message.type}`);
    return handle(message as Message<never>);
  }

  async deliver(message: Message): Promise<'done' | 'duplicate'> {
    return this.commit(message, await this.prepare(message));
  }

  commit(message: Message, work: Work): Promise<'done' | 'duplicate'> {
    const { id: messageId, type: handler, correlationId } = message;
    return this.committer.handle(work, { messageId, handler, correlationId });
  }

  /** Delivers the polls that are ordered, at once, and those they order, up to `most`. */
  async settle(most = 50): Promise<void> {
    for (let n = 0; n < most && this.polls.length > 0; n += 1) await this.deliver(this.polls.shift() as Message);
  }

  outcomes(orderId: string, context?: unknown): Reply['outcome'][] {
    const of = this.replies.filter((reply) => reply.orderId === orderId);
    return of.filter((reply) => context === undefined || reply.context === context).map(({ outcome }) => outcome);
  }

  async ledger(orderId: string): Promise<LedgerEntry | undefined> {
    const text = 'select charged, refunds, declined from fake_provider.charge where order_id = $1';
    return (await this.database.query<LedgerEntry>(text, [orderId]))[0];
  }

  close(): Promise<void> {
    return this.database.close();
  }

  #message<D>(contract: CommandContract<D>, orderId: string, data: D, context: unknown, at: Date): Message {
    const outgoing = messageOf(contract, orderId, data, { replyTo: { service: 'orders', context } });
    return { id: newId(), source: 'orders', at: at.toISOString(), ...outgoing };
  }

  #sort(entries: readonly OutboxEntry[]): void {
    const posted = entries.flatMap(({ messages, notBefore }) => messages.map((message) => ({ message, notBefore })));
    for (const { message, notBefore } of posted) {
      if (message.type === SettleCharge.type) {
        this.polls.push(message);
        this.delays.push((notBefore?.getTime() ?? 0) - Date.parse(message.at));
      } else if (message.type === replyType('orders')) {
        this.replies.push({ orderId: message.correlationId, ...Reply.parse(message.data) });
      } else if (message.type === CardKeyPublished.type) {
        this.publishedKeys.push(CardKeyPublished.data.parse(message.data));
      } else if (message.type === PublishCardKey.type) {
        this.replacements.push({ message, at: notBefore });
      } else if (message.type === PaymentRefunded.type) {
        this.refundsPublished.push(message.correlationId);
      }
    }
  }
}

type SealedCard = Extract<Card, { sealed: string }>;

const paymentBy = (card: string | SealedCard): SealedPayment | PaymentMethod =>
  typeof card === 'string' ? { method: 'card', token: card } : { method: 'card', ...card };
