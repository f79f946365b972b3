import type { Message } from '@seam/kernel';
import type { Pool } from 'pg';
import type { Fragment } from './fragment.js';

/** How long a message handed over at once, or taken by a sweep, is left to its sender before another sweep may take it. */
export const LEASE_SECONDS = 30;

export interface Posted {
  readonly message: Message;
  readonly notBefore?: Date;
}

/** The messages of a batch, as rows; a delayed one waits for a sweep. */
export const outboxFragment = (posted: readonly Posted[]): Fragment => ({
  sql: (parameter) =>
    `insert into outbox (id, message, not_before, available_at)
     select id, message, not_before, coalesce(not_before, now() + interval '${LEASE_SECONDS} seconds')
     from json_to_recordset(${parameter}) as r(id uuid, message json, not_before timestamptz)`,
  rows: posted.map(({ message, notBefore }) => ({ id: message.id, message, not_before: notBefore })),
});

/** The messages that a service's commits have left to be sent, in its own database. */
export class Outbox {
  constructor(private readonly pool: Pool) {}

  /** Forgets messages that the other side has. */
  async dispatched(ids: readonly string[]): Promise<void> {
    await this.pool.query({
      name: 'seam_outbox_dispatched',
      text: 'delete from outbox where id = any($1::uuid[])',
      values: [ids],
    });
  }

  /** Takes up to `limit` due messages under a lease, oldest first; what another relay holds is skipped. */
  async claim(limit: number): Promise<Message[]> {
    const { rows } = await this.pool.query<{ message: Message }>({
      name: 'seam_outbox_claim',
      text: `update outbox set available_at = now() + interval '${LEASE_SECONDS} seconds'
             where id in (select id from outbox where available_at <= now()
                          order by available_at limit $1 for update skip locked)
             returning message`,
      values: [limit],
    });
    return rows.map((row) => row.message);
  }

  /** Ends every lease: for a start on a store that nobody else uses, where all leases are a dead process's. */
  async adopt(): Promise<void> {
    await this.pool.query('update outbox set available_at = coalesce(not_before, now())');
  }

  async lag(): Promise<{ waiting: number; oldestSeconds: number }> {
    const { rows } = await this.pool.query<{ waiting: number; oldest: number }>(
      `select count(*)::int as waiting,
              coalesce(extract(epoch from now() - min(coalesce(not_before, available_at - interval '${LEASE_SECONDS} seconds'))), 0)::float as oldest
       from outbox`,
    );
    return { waiting: rows[0]?.waiting ?? 0, oldestSeconds: Math.max(0, rows[0]?.oldest ?? 0) };
  }
}
