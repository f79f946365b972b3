import type pg from 'pg';
import { StoreAwayError } from '../store-away.js';

/** Work swallowed a failed statement: PostgreSQL answered COMMIT with ROLLBACK, and nothing was written. */
export class TransactionRolledBackError extends Error {
  override readonly name = 'TransactionRolledBackError';
  readonly code = 'PERSISTENCE.ROLLED_BACK';

  constructor() {
    super('The transaction was rolled back: one of its statements had failed, and its error was not passed on.');
  }
}

/** The connection broke while COMMIT was under way: written or not, nobody knows. Only an idempotent repeat is safe. */
export class CommitOutcomeUnknownError extends StoreAwayError {
  constructor(cause: unknown) {
    super(cause);
    this.name = 'CommitOutcomeUnknownError';
  }
}

/**
 * Lends a client of the pool to `work`. It goes back only when it is known to be sound and outside any transaction;
 * else it is destroyed. (The pool's own `query` destroys it for every failed statement, a unique violation included.)
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

/** Whether a client is not to be used again after this error, if any: it is broken, or inside a transaction still. */
export function isBroken(client: pg.PoolClient, error: unknown): boolean {
  // The server says so before it closes the connection: for a moment the client still looks sound.
  const dying = error instanceof StoreAwayError || severityOf(error) === 'FATAL' || severityOf(error) === 'PANIC';
  return dying || client.getTransactionStatus() !== 'I';
}

/** One transaction on one client; see `Database.transaction` for what it promises. */
export function runTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return withPooled(pool, async (client) => {
    // Awaited: statements sent behind a BEGIN that failed would each commit by themselves.
    await client.query('BEGIN');
    let result: T;
    try {
      result = await work(client);
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined); // The caller's error tells more.
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
    // The server's own refusal (a deferred constraint, a serialization failure) is a certain rollback.
    if (severityOf(error) !== 'ERROR') throw new CommitOutcomeUnknownError(error);
    // An error is known before the status that follows it; one more round trip, and the client is known to be sound.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
  if (command !== 'COMMIT') throw new TransactionRolledBackError();
}

function severityOf(error: unknown): unknown {
  return (error as { severity?: unknown } | undefined)?.severity;
}
