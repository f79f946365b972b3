import { Injectable } from '@nestjs/common';
import { Database } from '@seam/persistence/postgres';
import type { Delivered } from '../domain/delivery.js';
import { type Due, MailQueue } from '../ports/notifications.js';

/** Must be longer than sending a batch takes, or two processes would send the same e-mails. */
const LEASE_SECONDS = 300;

/**
 * Other e-mails of an order wait while its confirmation is queued or being sent, so that the confirmation is never the last
 * e-mail. A cancelled confirmation that is still being sent is recognised by `sending_until`.
 */
export const CLAIM = `
  with due as (
    select id from notification where status = 'queued' and next_at <= now()
      and (kind = 'order-confirmed' or not exists (
        select from notification first where first.order_id = notification.order_id and first.kind = 'order-confirmed'
          and (first.status = 'queued' or first.sending_until > now())))
    order by id limit $1 for update skip locked
  ), taken as (
    update notification set next_at = now() + interval '${LEASE_SECONDS} seconds',
      sending_until = now() + interval '${LEASE_SECONDS} seconds' from due
    where notification.id = due.id
    returning notification.id, order_id, kind, user_id, amount, currency, details, attempts, queued_at
  )
  select taken.*, email, name from taken left join recipient using (user_id) order by id`;

/** An e-mail that was sent is marked as sent, even if it was cancelled meanwhile. */
const SETTLE = `
  update notification set
    status = case when r.status = 'sent' then 'sent' when notification.status = 'queued' then r.status
                  else notification.status end,
    attempts = r.attempts,
    next_at = r.next_at,
    sending_until = null,
    awaits_recipient = r.awaits,
    sent_at = case when r.status = 'sent' then now() else sent_at end
  from json_to_recordset($1::json) as r(id uuid, status text, attempts integer, next_at timestamptz, awaits boolean)
  where notification.id = r.id`;

interface Row {
  id: string;
  order_id: string;
  kind: Due['kind'];
  amount: string;
  currency: string;
  details: Due['details'] | null;
  attempts: number;
  queued_at: Date;
  email: string | null;
  name: string | null;
}

@Injectable()
export class PostgresMailQueue extends MailQueue {
  constructor(private readonly database: Database) {
    super();
  }

  async claim(limit: number): Promise<Due[]> {
    return (await this.database.prepared<Row>('notifications_claim', CLAIM, [limit])).map(toDue);
  }

  async settle(delivered: readonly (Delivered & { id: string })[]): Promise<void> {
    const rows = delivered.map(({ id, status, attempts, nextAt, awaitsRecipient }) => ({
      id,
      status,
      attempts,
      next_at: nextAt,
      awaits: awaitsRecipient,
    }));
    await this.database.preparedByKey('notifications_settle', SETTLE, [JSON.stringify(rows)]);
  }

  async adopt(): Promise<void> {
    await this.database.query("update notification set next_at = now(), sending_until = null where status = 'queued'");
  }
}

const toDue = (row: Row): Due => ({
  id: row.id,
  orderId: row.order_id,
  kind: row.kind,
  total: { amount: Number(row.amount), currency: row.currency },
  details: row.details ?? {},
  attempts: row.attempts,
  queuedAt: row.queued_at,
  ...(row.email === null || row.name === null ? {} : { recipient: { email: row.email, name: row.name } }),
});
