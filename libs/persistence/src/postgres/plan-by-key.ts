import type pg from 'pg';
import { TransactionRolledBackError } from './session.js';

/**
 * Has a transaction's statements find rows by their keys. A connection keeps the plan of a prepared statement until
 * the table's statistics change: one made for a few rows would read the whole table each time, while it grows to thousands.
 */
export const FIND_BY_KEY =
  'set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off';

/** Begins a transaction with {@link FIND_BY_KEY}. */
export const BEGIN_BY_KEY = `begin; ${FIND_BY_KEY}`;

/**
 * Runs one prepared statement in such a transaction, in one round trip. Rejects with the statement's own error, nothing
 * written; or with COMMIT's, where the connection broke under it and nobody knows.
 */
export async function runByKey<R extends pg.QueryResultRow>(
  client: pg.ClientBase,
  statement: pg.QueryConfig,
): Promise<pg.QueryResult<R>> {
  // BEGIN is not awaited: were it refused, the only statement would commit by itself, which comes to the same.
  const [, answered, committed] = await Promise.allSettled([
    client.query(BEGIN_BY_KEY),
    client.query<R>(statement),
    client.query('commit'),
  ]);
  if (answered.status === 'rejected') throw answered.reason;
  if (committed.status === 'rejected') throw committed.reason;
  if (committed.value.command !== 'COMMIT') throw new TransactionRolledBackError();
  return answered.value;
}
