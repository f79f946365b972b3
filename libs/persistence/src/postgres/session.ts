import type pg from 'pg';
import { StoreAwayError } from '../store-away.js';

/** The work ignored a failed statement: PostgreSQL answered COMMIT with ROLLBACK, and nothing was written. */
export class TransactionRolledBackError extends Error {
  override readonly name = 'TransactionRolledBackError';
  readonly code = 'PERSISTENCE.ROLLED_BACK';

  constructor() {
    super('The transaction was rolled back: one of its statements had failed, and its error was not passed on.');
  }
}

/**
 * The connection broke during COMMIT, so it is unknown whether the data was written. Only an idempotent retry is safe.
 */
export class CommitOutcomeUnknownError extends StoreAwayError {
  constructor(cause: unknown) {
    super(cause);
    this.name = 'CommitOutcomeUnknownError';
  }
}

/**
 * Lends a client of the pool to `work`. It returns to the pool only if it is known to be usable and outside any
 * transaction; otherwise it is destroyed. (The pool's own `query` destroys it after every failed statement, even after
 * a unique violation.)
 */
export async function withPooled<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let thrown: unknown;
  try {
    return await work(client);
  } catch (error) {
    thrown = error;
    throw error;
  } finally {
    client.release(isBroken(client, thrown));
  }
}

/** Whether a client must not be used again after this error (if any): it is broken, or still inside a transaction. */
export function isBroken(client: pg.PoolClient, error: unknown): boolean {
  // The server sends this error before it closes the connection: for a moment the client still looks usable.
  const dying = error instanceof StoreAwayError || severityOf(error) === 'FATAL' || severityOf(error) === 'PANIC';
  return dying || client.getTransactionStatus() !== 'I';
}

/** Runs one transaction on one client; see `Database.transaction` for its guarantees. */
export function runTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return withPooled(pool, async (client) => {
    // Awaited: if BEGIN failed, statements sent after it would each commit in their own transaction.
    await client.query('BEGIN');
    let result: T;
    try {
      result = await work(client);
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined); // The caller's error says more.
      throw error;
    }
    await commit(client);
    return result;
  });
}

async function commit(client: pg.PoolClient): Promise<void> {
  let command: string;
  try {
    command = (await client.query('COMMIT')).command;
  } catch (error) {
    // The server's own refusal of COMMIT (a deferred constraint, a serialization failure) is a certain rollback.
    if (severityOf(error) !== 'ERROR') throw new CommitOutcomeUnknownError(error);
    // The error arrives before the transaction status that follows it; after one more round trip, the client's status
    // is known.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
  if (command !== 'COMMIT') throw new TransactionRolledBackError();
}

function severityOf(error: unknown): unknown {
  return (error as { severity?: unknown } | undefined)?.severity;
}
