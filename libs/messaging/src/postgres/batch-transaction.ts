import { BEGIN_BY_KEY, runByKey, TransactionRolledBackError, withPooled } from '@seam/persistence/postgres';
import { StoreAwayError } from '@seam/persistence';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { isRefusal } from './errors.js';
import type { Statement } from './fragment.js';
import type { BatchContext } from './work-adapter.js';

/**
 * The transaction of one batch. If nothing was read under a lock, it is one combined statement, in one round trip.
 * Otherwise BEGIN was sent before the first read, and COMMIT follows the statement in the same round trip. Statements that
 * look rows up do so by primary key, whatever their cached plans were made for.
 */
export class BatchTransaction implements BatchContext {
  #client: PoolClient | undefined;
  begun: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    readonly retried: boolean,
  ) {}

  async transaction(): Promise<ClientBase> {
    if (this.#client === undefined) {
      this.#client = await this.pool.connect();
      // Not awaited here, so that it shares a round trip with the first read; awaited before anything is written.
      this.begun = this.#client.query(BEGIN_BY_KEY);
      this.begun.catch(() => undefined);
    }
    return this.#client;
  }

  /** Rejects with the server's error if nothing was written; any other failure is a {@link StoreAwayError}. */
  async commit(statement: Statement | undefined): Promise<void> {
    try {
      await this.#commit(statement);
    } catch (error) {
      throw isRefusal(error) || error instanceof StoreAwayError ? error : new StoreAwayError(error);
    }
  }

  async #commit(statement: Statement | undefined): Promise<void> {
    const client = this.#client;
    if (client === undefined) {
      if (statement !== undefined) await withPooled(this.pool, (own) => alone(own, statement));
      return;
    }
    await this.begun;
    const written = statement === undefined ? undefined : client.query(statement);
    const [, committed] = await settleAll(written, client.query('commit'));
    // After a failed statement, PostgreSQL answers COMMIT with a successful ROLLBACK.
    if (committed.command !== 'COMMIT') throw new TransactionRolledBackError();
    this.#client = undefined;
    client.release();
  }

  /** Rolls an open transaction back; if that fails, the connection is closed. */
  async rollback(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    await client.query('rollback').catch(() => undefined);
    client.release(client.getTransactionStatus() !== 'I');
  }
}

/** Pure inserts need no plan, so they run without the two extra messages of an explicit transaction. */
const alone = (client: PoolClient, { looksUp, ...statement }: Statement): Promise<unknown> =>
  looksUp ? runByKey(client, statement) : client.query(statement);

/** Waits for both, and prefers the first one's error: the second's is only its consequence. */
async function settleAll<A, B>(first: Promise<A> | undefined, second: Promise<B>): Promise<[A | undefined, B]> {
  const [a, b] = await Promise.allSettled([first ?? Promise.resolve(undefined), second]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}
