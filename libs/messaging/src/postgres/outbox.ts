import { idFloor } from '@seam/kernel';
import type { Pool } from 'pg';
import { entryFrom } from '../envelope.js';
import { Outbox, type OutboxEntry } from '../outbox.js';
import type { Fragment } from './fragment.js';
import { PostgresOrderedOutbox } from './ordered-outbox.js';
import { packed, unpacked } from './packed.js';

/** JSON that is longer would not fit into its row: PostgreSQL stores it in pieces of 2 kB, each a row with an index entry. */
const PACKED_FROM = 2_000;

/**
 * Writes entries without a key, neither for their order nor to cancel them: JSON of at least `packedFrom` characters compressed to `outbox_packed`, all others to `outbox`, as are
 * delayed ones: they stay for long, and a process of an earlier version can send them.
 */
export function outboxFragments(entries: readonly OutboxEntry[], packedFrom = PACKED_FROM): Fragment[] {
  const plain: object[] = [];
  const compressed: object[] = [];
  for (const { id, messages, notBefore, key, cancelKey } of entries) {
    if (key !== undefined || cancelKey !== undefined) continue;
    const json = notBefore === undefined ? JSON.stringify(messages) : '';
    if (notBefore !== undefined || json.length < packedFrom) plain.push({ id, messages, not_before: notBefore });
    else compressed.push({ id, messages: packed(json).toString('base64'), count: messages.length });
  }
  return [
    {
      sql: (parameter) =>
        `insert into outbox (id, messages, not_before)
         select id, messages, not_before
         from json_to_recordset(${parameter}) as r(id uuid, messages json, not_before timestamptz)`,
      rows: plain,
    },
    {
      sql: (parameter) =>
        `insert into outbox_packed (id, messages, count)
         select id, decode(messages, 'base64'), count
         from json_to_recordset(${parameter}) as r(id uuid, messages text, count integer)`,
      rows: compressed,
    },
  ];
}

export interface OutboxOptions {
  /** Lease: how long only the process that commits or sweeps may send its messages, ms. Default 30 s. */
  readonly leaseMs?: number;
}

const ABANDONED = '(leased_until <= now() or (leased_until is null and id < $2))';

/**
 * Claims the oldest abandoned entries of both tables, and delayed ones that are due. Up to twice the limit of abandoned
 * entries are locked for a moment, because the oldest can only be found among both tables together.
 */
const CLAIM = `with abandoned as materialized (
    select id from (
      select id from (select id from outbox
        where not_before is null and ${ABANDONED} order by id limit $1 for update skip locked) plain
      union all
      select id from (select id from outbox_packed where ${ABANDONED} order by id limit $1 for update skip locked) packed
    ) either order by id limit $1
  ), due as materialized (
    select id from outbox where not_before <= now() and (leased_until is null or leased_until <= now())
    order by not_before limit $1 for update skip locked
  ), plain as (
    update outbox set leased_until = now() + make_interval(secs => $3)
    where id in (select id from abandoned union all select id from due) returning id, messages
  ), packed as (
    update outbox_packed set leased_until = now() + make_interval(secs => $3)
    where id in (select id from abandoned) returning id, messages
  )
  select id, messages, null::bytea as packed from plain union all select id, null, messages from packed`;

/** The outbox in PostgreSQL: one row per commit, and one for each delayed message. */
export class PostgresOutbox extends Outbox {
  override readonly ordered: PostgresOrderedOutbox;
  readonly #leaseMs: number;
  /** Entries older than this belong to no other process. */
  #adoptedBefore = new Date(0);

  constructor(
    private readonly pool: Pool,
    { leaseMs = 30_000 }: OutboxOptions = {},
  ) {
    super();
    this.#leaseMs = leaseMs;
    this.ordered = new PostgresOrderedOutbox(pool, leaseMs);
  }

  override async markDispatched(ids: readonly string[]): Promise<void> {
    await this.pool.query({
      name: 'seam_outbox_dispatched',
      text: `with packed as (delete from outbox_packed where id = any($1::uuid[]))
             delete from outbox where id = any($1::uuid[])`,
      values: [ids],
    });
  }

  override async claim(limit: number): Promise<OutboxEntry[]> {
    const abandoned = new Date(Math.max(this.#adoptedBefore.getTime(), Date.now() - this.#leaseMs));
    const { rows } = await this.pool.query<{ id: string; messages: unknown; packed: Buffer | null }>({
      name: 'seam_outbox_claim',
      text: CLAIM,
      values: [limit, idFloor(abandoned), this.#leaseMs / 1_000],
    });
    return rows.map(({ id, messages, packed }) => entryFrom(id, packed === null ? messages : unpacked(packed)));
  }

  override async giveBack(ids: readonly string[], afterMs: number): Promise<void> {
    await this.pool.query({
      name: 'seam_outbox_give_back',
      text: `with packed as (update outbox_packed set leased_until = now() + make_interval(secs => $2) where id = any($1::uuid[]))
             update outbox set leased_until = now() + make_interval(secs => $2) where id = any($1::uuid[])`,
      values: [ids, afterMs / 1_000],
    });
  }

  override async adopt(): Promise<void> {
    this.#adoptedBefore = new Date();
    await this.pool.query(
      `with packed as (update outbox_packed set leased_until = null where leased_until is not null),
            ordered as (update outbox_ordered set leased_until = null where leased_until is not null)
       update outbox set leased_until = null where leased_until is not null`,
    );
  }

  override async lag(): Promise<{ waiting: number; oldestSeconds: number }> {
    // Unreadable entries count, too: they become dead letters. UUIDs of version 7 begin with their time, in ms.
    const { rows } = await this.pool.query<{ waiting: number; oldest: number }>(
      `select coalesce(sum(count), 0)::int as waiting,
              coalesce(extract(epoch from now() - min(coalesce(not_before, to_timestamp(
                ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)))), 0)::float as oldest
       from (
         select id, not_before, case json_typeof(messages) when 'array' then json_array_length(messages) else 1 end as count
         from outbox where not_before is null or not_before <= now()
         union all
         select id, null, count from outbox_packed
         union all
         select id, null, 1 from outbox_ordered
       ) due`,
    );
    return { waiting: rows[0]?.waiting ?? 0, oldestSeconds: Math.max(0, rows[0]?.oldest ?? 0) };
  }
}
