import { idFloor } from '@seam/kernel';
import type { Pool } from 'pg';
import type { Cause } from '../committer.js';
import type { Fragment } from './fragment.js';

/** Marks messages as handled. If one is marked already, the statement fails, so that no effect can happen twice. */
export const inboxFragment = (causes: readonly Cause[]): Fragment => ({
  sql: (parameter) =>
    `insert into inbox (message_id, handler)
     select message_id, handler from json_to_recordset(${parameter}) as r(message_id uuid, handler text)`,
  rows: causes.map((cause) => ({ message_id: cause.messageId, handler: cause.handler })),
});

/** The messages a service has handled, in its own database. */
export class Inbox {
  constructor(private readonly pool: Pool) {}

  /** Those of these identities that are marked. */
  async seen(causes: readonly Cause[]): Promise<Set<string>> {
    const { rows } = await this.pool.query<{ message_id: string; handler: string }>(
      'select message_id, handler from inbox where message_id = any($1::uuid[])',
      [causes.map((cause) => cause.messageId)],
    );
    return new Set(rows.map((row) => `${row.message_id} ${row.handler}`));
  }

  /** Deletes up to `limit` marks of messages sent before this time; resolves with the number deleted. */
  async forget(before: Date, limit: number): Promise<number> {
    const { rowCount } = await this.pool.query(
      `delete from inbox where (message_id, handler) in
         (select message_id, handler from inbox where message_id < $1 order by message_id limit $2)`,
      [idFloor(before), limit],
    );
    return rowCount ?? 0;
  }
}
