import {
  type CancellationCode,
  CancelNotification,
  OrderCancelled,
  OrderShipped,
  PaymentRefunded,
  SendNotification,
  UserRegistered,
} from '@seam/contracts';
import { type CommandContract, type DataOf, messageOf } from '@seam/messaging/contract';
import { type Message, newId } from '@seam/kernel';
import type { OutboxEntry, Work } from '@seam/messaging';
import { messagingMigrations, PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import { PostgresMailQueue } from '../adapters/postgres-mail-queue.js';
import { PostgresNotificationList } from '../adapters/postgres-notification-list.js';
import { PostgresNotificationWork } from '../adapters/postgres-notification-work.js';
import { PostgresRecipientWork } from '../adapters/postgres-recipient-work.js';
import type { Mail } from '../domain/mail.js';
import { CancelNotificationHandler } from '../features/cancel-notification/cancel-notification.handler.js';
import { OrderEndedHandlers } from '../features/follow-orders/order-ended.handler.js';
import { Mailer } from '../features/deliver-mail/mailer.js';
import { UserRegisteredHandler } from '../features/keep-recipient/user-registered.handler.js';
import { SendNotificationHandler } from '../features/send-notification/send-notification.handler.js';
import { LastWord1760000201000 } from '../migrations/last-word.js';
import { Notifications1760000200000 } from '../migrations/notifications.js';
import { RoomForLeases1764300000000 } from '../migrations/room-for-leases.js';
import { Mailbox } from '../ports/mailbox.js';
import { MailSignal } from '../ports/mail-signal.js';

/** A mailbox that stores its e-mails, and fails when the test says so. */
class RecordingMailbox extends Mailbox {
  readonly mails: Mail[] = [];
  batches = 0;
  failing: (mail: Mail) => boolean = () => false;

  send(mails: readonly Mail[]): Promise<readonly (Error | undefined)[]> {
    this.batches += 1;
    const results = mails.map((mail) => (this.failing(mail) ? new Error(`no ${mail.to}`) : undefined));
    this.mails.push(...mails.filter((_, index) => results[index] === undefined));
    return Promise.resolve(results);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const total = { amount: 1299, currency: 'EUR' };
const at = '2026-11-22T10:00:00.000Z';

/** The service on a real database; the test replaces the transport and the mail server. */
export class NotificationsRig {
  readonly committer: PostgresCommitter;
  readonly mailbox = new RecordingMailbox();
  readonly signal = new MailSignal();
  readonly list: PostgresNotificationList;
  replies = 0;

  private constructor(readonly database: Database) {
    const relay = {
      handOver: (entries: readonly OutboxEntry[]) =>
        void (this.replies += entries.flatMap((entry) => entry.messages).length),
      whenDispatched: () => Promise.resolve(),
    };
    this.committer = new PostgresCommitter({ service: 'notifications', database, relay });
    new PostgresNotificationWork(this.committer, this.signal);
    new PostgresRecipientWork(this.committer, this.signal);
    this.list = new PostgresNotificationList(database);
  }

  static async open(url: string): Promise<NotificationsRig> {
    const own = [Notifications1760000200000, LastWord1760000201000, RoomForLeases1764300000000];
    const migrations = [...messagingMigrations, ...own];
    return new NotificationsRig(await Database.open({ name: 'notifications', url, migrations }));
  }

  mailer(options: ConstructorParameters<typeof Mailer>[3] = {}): Mailer {
    return new Mailer(new PostgresMailQueue(this.database), this.mailbox, this.signal, options);
  }

  send(orderId: string, userId: string): Promise<unknown> {
    return this.deliver(this.sendMessage(orderId, userId));
  }

  sendMessage(orderId: string, userId: string): Message<DataOf<typeof SendNotification>> {
    return this.#command(SendNotification, orderId, { orderId, userId, kind: 'order-confirmed', total } as const);
  }

  deliver(message: Message<DataOf<typeof SendNotification>>): Promise<unknown> {
    return this.#handle(message, new SendNotificationHandler().send(message));
  }

  cancel(orderId: string, userId: string): Promise<unknown> {
    const message = this.#command(CancelNotification, orderId, { orderId, userId, kind: 'order-confirmed' as const });
    return this.#handle(message, new CancelNotificationHandler().cancel(message));
  }

  register(userId: string, email: string): Promise<unknown> {
    const event = messageOf(UserRegistered, userId, { userId, email, name: 'Ada', role: 'customer' as const });
    const message = { id: newId(), source: 'users', at: new Date().toISOString(), ...event };
    return this.#handle(message, new UserRegisteredHandler().keep(message));
  }

  cancelled(orderId: string, userId: string, code: CancellationCode): Promise<unknown> {
    const data = { orderId, userId, total, code, reason: 'why', wasConfirmed: false, cancelledAt: at };
    const message = { id: newId(), source: 'orders', at, ...messageOf(OrderCancelled, orderId, data) };
    return this.#handle(message, new OrderEndedHandlers().cancelled(message));
  }

  shipped(orderId: string, userId: string): Promise<unknown> {
    const data = { orderId, userId, total, tracking: 'JD01', shippedAt: at };
    const message = { id: newId(), source: 'orders', at, ...messageOf(OrderShipped, orderId, data) };
    return this.#handle(message, new OrderEndedHandlers().shipped(message));
  }

  refunded(orderId: string, userId: string): Promise<unknown> {
    const data = { orderId, userId, amount: total, refundedAt: at };
    const message = { id: newId(), source: 'payments', at, ...messageOf(PaymentRefunded, orderId, data) };
    return this.#handle(message, new OrderEndedHandlers().refunded(message));
  }

  async status(orderId: string): Promise<{ status: string; attempts: number } | undefined> {
    const text = 'select status, attempts from notification where order_id = $1';
    return (await this.database.query<{ status: string; attempts: number }>(text, [orderId]))[0];
  }

  /** Simulates that the next attempt is due. */
  async allDue(): Promise<void> {
    await this.database.query('update notification set next_at = now()');
  }

  /** Runs a statement; returns the number of its rows, and of the WAL records that it wrote. */
  async explained(text: string, values: unknown[]): Promise<{ rows: number; walRecords: number }> {
    const explain = `explain (analyze, wal, format json) ${text}`;
    const [row] = await this.database.query<{ 'QUERY PLAN': { Plan: Record<string, number> }[] }>(explain, values);
    const plan = row?.['QUERY PLAN'][0]?.Plan ?? {};
    return { rows: plan['Actual Rows'] ?? NaN, walRecords: plan['WAL Records'] ?? NaN };
  }

  #command<D>(contract: CommandContract<D>, orderId: string, data: D): Message<D> {
    const outgoing = messageOf(contract, orderId, data, { replyTo: { service: 'orders', context: {} } });
    return { id: newId(), source: 'orders', at: new Date().toISOString(), ...outgoing };
  }

  #handle({ id: messageId, type: handler, correlationId }: Message, work: Work): Promise<unknown> {
    return this.committer.handle(work, { messageId, handler, correlationId });
  }
}
