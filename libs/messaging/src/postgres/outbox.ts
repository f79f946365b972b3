import { idFloor, type Message } from '@seam/kernel';
import type { Pool } from 'pg';
import type { Fragment } from './fragment.js';

export interface Posted {
  readonly message: Message;
  readonly notBefore?: Date;
}

/** The messages of a batch, as rows; a delayed one waits for a sweep. */
export const outboxFragment = (posted: readonly Posted[]): Fragment => ({
  sql: (parameter) =>
    `insert into outbox (id, message, not_before)
     select id, message, not_before
     from json_to_recordset(${parameter}) as r(id uuid, message json, not_before timestamptz)`,
  rows: posted.map(({ message, notBefore }) => ({ id: message.id, message, not_before: notBefore })),
});

export interface OutboxOptions {
  /** How long a commit's process, and a sweep, is trusted to send its messages before another may, ms. Default 30 s. */
  readonly leaseMs?: number;
}

/** The messages that a service's commits have left to be sent, in its own database. */
export class Outbox {
  readonly #leaseMs: number;
  /** What is older than this is nobody's but ours. */
  #adoptedBefore = new Date(0);

  constructor(
    private readonly pool: Pool,
    { leaseMs = 30_000 }: OutboxOptions = {},
  ) {
    this.#leaseMs = leaseMs;
  }

  /** Forgets messages that the other side has. */
  async dispatched(ids: readonly string[]): Promise<void> {
    await this.pool.query({
      name: 'seam_outbox_dispatched',
      text: 'delete from outbox where id = any($1::uuid[])',
      values: [ids],
    });
  }

  /**
   * Takes up to `limit` messages under a lease, oldest first: delayed ones whose time has come, and others that their
   * own process should have sent long ago. What another relay holds is skipped.
   */
  async claim(limit: number): Promise<Message[]> {
    const abandoned = new Date(Math.max(this.#adoptedBefore.getTime(), Date.now() - this.#leaseMs));
    const { rows } = await this.pool.query<{ message: Message }>({
      name: 'seam_outbox_claim',
      text: `update outbox set leased_until = now() + make_interval(secs => $3)
             where id in (
               select id from (select id from outbox
                 where not_before is null and id < $2 and (leased_until is null or leased_until <= now())
                 order by id limit $1 for update skip locked) abandoned
               union all
               select id from (select id from outbox
                 where not_before <= now() and (leased_until is null or leased_until <= now())
                 order by not_before limit $1 for update skip locked) due)
             returning message`,
      values: [limit, idFloor(abandoned), this.#leaseMs / 1_000],
    });
    return rows.map((row) => row.message);
  }

  /** Takes over what is there: for a start on a store that nobody else uses, where every message left is a dead process's. */
  async adopt(): Promise<void> {
    this.#adoptedBefore = new Date();
    await this.pool.query('update outbox set leased_until = null where leased_until is not null');
  }

  /** How many messages wait to be sent, delayed ones apart, and since when the oldest does. */
  async lag(): Promise<{ waiting: number; oldestSeconds: number }> {
    const { rows } = await this.pool.query<{ waiting: number; oldest: number }>(
      `select count(*)::int as waiting,
              coalesce(extract(epoch from now() - min(coalesce(not_before, (message->>'at')::timestamptz))), 0)::float as oldest
       from outbox where not_before is null or not_before <= now()`,
    );
    return { waiting: rows[0]?.waiting ?? 0, oldestSeconds: Math.max(0, rows[0]?.oldest ?? 0) };
  }
}
