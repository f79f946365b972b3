import { Injectable } from '@nestjs/common';
import { newId } from '@seam/kernel';
import { type Fragment, type Plan, PostgresCommitter, type WorkAdapter } from '@seam/messaging/postgres';
import { type Cancel, merge, type NotificationChange, type PreventSend, type Send } from '../domain/notification.js';
import { MailSignal } from '../ports/mail-signal.js';
import { NotificationWork } from '../ports/notifications.js';

/** Notifications in PostgreSQL: nothing is read, so a batch of them is one statement. */
@Injectable()
export class PostgresNotificationWork implements WorkAdapter<NotificationChange, void> {
  constructor(
    committer: PostgresCommitter,
    private readonly signal: MailSignal,
  ) {
    committer.register(NotificationWork, this);
  }

  plan(changes: readonly NotificationChange[]): Promise<Plan<void>> {
    const merged = merge(changes);
    const sends = merged.filter((change) => change.type === 'send');
    const cancels = merged.filter((change) => change.type === 'cancel');
    const prevented = merged.filter((change) => change.type === 'prevent-send');
    return Promise.resolve({
      results: changes.map(() => undefined),
      writes: [queue(sends), cancel(cancels), preventSend(prevented)],
      committed: () => {
        if (sends.length > 0) this.signal.raise();
      },
    });
  }
}

/** An existing one is left unchanged: queued, sent, or cancelled before it was ordered. */
const queue = (sends: readonly Send[]): Fragment => ({
  sql: (parameter) =>
    `insert into notification (id, order_id, kind, user_id, status, amount, currency, details)
     select id, order_id, kind, user_id, 'queued', amount, currency, details from json_to_recordset(${parameter})
       as r(id uuid, order_id text, kind text, user_id text, amount bigint, currency text, details json)
     on conflict (order_id, kind) do nothing`,
  rows: sends.map(({ orderId, kind, userId, total, code, tracking }) => ({
    id: newId(),
    order_id: orderId,
    kind,
    user_id: userId,
    ...total,
    details: { code, tracking },
  })),
});

/** One that was never queued is stored as cancelled, in case the send comes later. */
const cancel = (cancels: readonly Cancel[]): Fragment => ({
  sql: (parameter) =>
    `insert into notification (id, order_id, kind, user_id, status)
     select id, order_id, kind, user_id, 'cancelled' from json_to_recordset(${parameter})
       as r(id uuid, order_id text, kind text, user_id text)
     on conflict (order_id, kind) do update set status = 'cancelled' where notification.status = 'queued'`,
  rows: cancels.map(rowOf),
});

/** Only one that was never queued: an e-mail that is queued already is sent. */
const preventSend = (prevented: readonly PreventSend[]): Fragment => ({
  sql: (parameter) =>
    `insert into notification (id, order_id, kind, user_id, status)
     select id, order_id, kind, user_id, 'cancelled' from json_to_recordset(${parameter})
       as r(id uuid, order_id text, kind text, user_id text)
     on conflict (order_id, kind) do nothing`,
  rows: prevented.map(rowOf),
});

const rowOf = ({ orderId, kind, userId }: Cancel | PreventSend): object => ({
  id: newId(),
  order_id: orderId,
  kind,
  user_id: userId,
});
