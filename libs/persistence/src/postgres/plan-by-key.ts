import type pg from 'pg';
import { TransactionRolledBackError } from './session.js';

/**
 * Makes a transaction's statements find rows by their keys. A connection keeps the plan of a prepared statement until
 * the table's statistics change: a plan made for a few rows would read the whole table each time, while the table grows
 * to thousands of rows.
 */
export const FIND_BY_KEY =
  'set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off';

/** Begins a transaction with {@link FIND_BY_KEY}. */
export const BEGIN_BY_KEY = `begin; ${FIND_BY_KEY}`;

/**
 * Runs one prepared statement in such a transaction, in one round trip. Rejects with the statement's own error, and
 * then nothing is written; or with COMMIT's error if the connection broke during it, and then the result is unknown.
 */
export async function runByKey<R extends pg.QueryResultRow>(
  client: pg.ClientBase,
  statement: pg.QueryConfig,
): Promise<pg.QueryResult<R>> {
  // BEGIN is not awaited: if it failed, the only statement would commit in its own transaction, with the same effect.
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
