import { BEGIN_BY_KEY, runByKey, StoreAwayError, TransactionRolledBackError, withPooled } from '@seam/persistence';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { isRefusal } from './errors.js';
import type { Statement } from './fragment.js';
import type { BatchContext } from './work-adapter.js';

/**
 * The transaction of one batch. Where nothing was read under a lock it is the one combined statement, in one round trip;
 * otherwise BEGIN was sent before the first read, and COMMIT follows the statement in the same round trip. What looks rows
 * up does so by their keys, whatever its plan was made for.
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
      // Awaited before anything is written: it goes out in one round trip with the first read.
      this.begun = this.#client.query(BEGIN_BY_KEY);
      this.begun.catch(() => undefined);
    }
    return this.#client;
  }

  /** Rejects with the server's refusal, nothing written; anything else is a {@link StoreAwayError}. */
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
    // A failed statement turns COMMIT into ROLLBACK, which PostgreSQL reports as a success of that name.
    if (committed.command !== 'COMMIT') throw new TransactionRolledBackError();
    this.#client = undefined;
    client.release();
  }

  /** Ends an open transaction; a connection that cannot even do that is closed. */
  async rollback(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    await client.query('rollback').catch(() => undefined);
    client.release(client.getTransactionStatus() !== 'I');
  }
}

/** Inserts alone need no plan: they are spared the two messages that a transaction of one statement costs the server. */
const alone = (client: PoolClient, { looksUp, ...statement }: Statement): Promise<unknown> =>
  looksUp ? runByKey(client, statement) : client.query(statement);

/** Waits for both, then throws the first one's error before the second's: that one is only its consequence. */
async function settleAll<A, B>(first: Promise<A> | undefined, second: Promise<B>): Promise<[A | undefined, B]> {
  const [a, b] = await Promise.allSettled([first ?? Promise.resolve(undefined), second]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}
