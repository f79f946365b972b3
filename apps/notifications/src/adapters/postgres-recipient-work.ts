import { Injectable } from '@nestjs/common';
import { type Plan, PostgresCommitter, type WorkAdapter } from '@seam/messaging/postgres';
import type { Recipient } from '../domain/mail.js';
import { MailSignal } from '../ports/mail-signal.js';
import { RecipientWork } from '../ports/notifications.js';

type Known = Recipient & { userId: string };

@Injectable()
export class PostgresRecipientWork implements WorkAdapter<Known, void> {
  constructor(
    committer: PostgresCommitter,
    private readonly signal: MailSignal,
  ) {
    committer.register(RecipientWork, this);
  }

  plan(recipients: readonly Known[]): Promise<Plan<void>> {
    const byUser = new Map(recipients.map((recipient) => [recipient.userId, recipient]));
    const rows = [...byUser.values()].map(({ userId, email, name }) => ({ user_id: userId, email, name }));
    return Promise.resolve({
      results: recipients.map(() => undefined),
      writes: [
        { sql: KEEP, rows },
        { sql: WAKE, rows: rows.map(({ user_id }) => ({ user_id })), looksUp: true },
      ],
      committed: () => this.signal.raise(),
    });
  }
}

const KEEP = (parameter: string): string =>
  `insert into recipient (user_id, email, name)
   select user_id, email, name from json_to_recordset(${parameter}) as r(user_id text, email text, name text)
   on conflict (user_id) do update set email = excluded.email, name = excluded.name`;

/** E-mails that wait for this recipient are due now; those being sent have a recipient. */
const WAKE = (parameter: string): string =>
  `update notification set next_at = now() from json_to_recordset(${parameter}) as r(user_id text)
   where notification.user_id = r.user_id and status = 'queued' and awaits_recipient`;
