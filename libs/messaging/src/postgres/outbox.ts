import { idFloor } from '@seam/kernel';
import type { Pool } from 'pg';
import { entryFrom } from '../envelope.js';
import { Outbox, type OutboxEntry } from '../outbox.js';
import type { Fragment } from './fragment.js';

export const outboxFragment = (entries: readonly OutboxEntry[]): Fragment => ({
  sql: (parameter) =>
    `insert into outbox (id, messages, not_before)
     select id, messages, not_before
     from json_to_recordset(${parameter}) as r(id uuid, messages json, not_before timestamptz)`,
  rows: entries.map(({ id, messages, notBefore }) => ({ id, messages, not_before: notBefore })),
});

export interface OutboxOptions {
  /** Lease: how long only the process that commits or sweeps may send its messages, ms. Default 30 s. */
  readonly leaseMs?: number;
}

/** The outbox in PostgreSQL: one row per commit. */
export class PostgresOutbox extends Outbox {
  readonly #leaseMs: number;
  /** Entries older than this belong to no other process. */
  #adoptedBefore = new Date(0);

  constructor(
    private readonly pool: Pool,
    { leaseMs = 30_000 }: OutboxOptions = {},
  ) {
    super();
    this.#leaseMs = leaseMs;
  }

  override async markDispatched(ids: readonly string[]): Promise<void> {
    await this.pool.query({
      name: 'seam_outbox_dispatched',
      text: 'delete from outbox where id = any($1::uuid[])',
      values: [ids],
    });
  }

  override async claim(limit: number): Promise<OutboxEntry[]> {
    const abandoned = new Date(Math.max(this.#adoptedBefore.getTime(), Date.now() - this.#leaseMs));
    const { rows } = await this.pool.query<{ id: string; messages: unknown }>({
      name: 'seam_outbox_claim',
      text: `update outbox set leased_until = now() + make_interval(secs => $3)
             where id in (
               select id from (select id from outbox
                 where not_before is null and (leased_until <= now() or (leased_until is null and id < $2))
                 order by id limit $1 for update skip locked) abandoned
               union all
               select id from (select id from outbox
                 where not_before <= now() and (leased_until is null or leased_until <= now())
                 order by not_before limit $1 for update skip locked) due)
             returning id, messages`,
      values: [limit, idFloor(abandoned), this.#leaseMs / 1_000],
    });
    return rows.map(({ id, messages }) => entryFrom(id, messages));
  }

  override async giveBack(ids: readonly string[], afterMs: number): Promise<void> {
    await this.pool.query({
      name: 'seam_outbox_give_back',
      text: 'update outbox set leased_until = now() + make_interval(secs => $2) where id = any($1::uuid[])',
      values: [ids, afterMs / 1_000],
    });
  }

  override async adopt(): Promise<void> {
    this.#adoptedBefore = new Date();
    await this.pool.query('update outbox set leased_until = null where leased_until is not null');
  }

  override async lag(): Promise<{ waiting: number; oldestSeconds: number }> {
    // Unreadable entries count, too: they become dead letters. UUIDs of version 7 begin with their time, in ms.
    const { rows } = await this.pool.query<{ waiting: number; oldest: number }>(
      `select coalesce(sum(case json_typeof(messages) when 'array' then json_array_length(messages) else 1 end), 0)::int
                as waiting,
              coalesce(extract(epoch from now() - min(coalesce(not_before, to_timestamp(
                ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)))), 0)::float as oldest
       from outbox where not_before is null or not_before <= now()`,
    );
    return { waiting: rows[0]?.waiting ?? 0, oldestSeconds: Math.max(0, rows[0]?.oldest ?? 0) };
  }
}
