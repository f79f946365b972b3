import type { Pool } from 'pg';
import { entryFrom } from '../envelope.js';
import type { OrderedOutbox, OutboxEntry } from '../outbox.js';

const FREE = '(leased_until is null or leased_until <= now())';

/** The relay that locks a key's first row takes the key. Rows behind it are taken whatever their lease is, so that there is no gap. */
const CLAIM = `with head as (
    select distinct on (key) position, key, leased_until from outbox_ordered order by key, position
  ), free as materialized (
    select key from outbox_ordered
    where position in (select position from head where ${FREE} order by position limit $1) and ${FREE}
    for update skip locked
  ), run as (
    select position from outbox_ordered where key in (select key from free) order by position limit $1
  ), claimed as (
    update outbox_ordered set leased_until = now() + make_interval(secs => $2)
    where position in (select position from run) returning position, id, key, message
  )
  select id, key, message from claimed order by position`;

/** The messages with a key in PostgreSQL: a row each. */
export class PostgresOrderedOutbox implements OrderedOutbox {
  constructor(
    private readonly pool: Pool,
    private readonly leaseMs: number,
  ) {}

  async claim(limit: number): Promise<OutboxEntry[]> {
    const { rows } = await this.pool.query<{ id: string; key: string; message: unknown }>({
      name: 'seam_ordered_claim',
      text: CLAIM,
      values: [limit, this.leaseMs / 1_000],
    });
    return rows.map(({ id, key, message }) => ({ ...entryFrom(id, [message]), key }));
  }

  async markDispatched(ids: readonly string[]): Promise<void> {
    const text = 'delete from outbox_ordered where id = any($1::uuid[])';
    await this.pool.query({ name: 'seam_ordered_dispatched', text, values: [ids] });
  }

  async giveBack(ids: readonly string[], afterMs: number): Promise<void> {
    await this.pool.query({
      name: 'seam_ordered_give_back',
      text: 'update outbox_ordered set leased_until = now() + make_interval(secs => $2) where id = any($1::uuid[])',
      values: [ids, afterMs / 1_000],
    });
  }
}
