import {
  BEGIN_BY_KEY,
  type ConnectedRunner,
  type Database,
  driverErrorOf,
  FIND_BY_KEY,
  releaseRunner,
  runByKey,
  TransactionRolledBackError,
  withPooled,
} from '@seam/persistence/postgres';
import { StoreAwayError } from '@seam/persistence';
import type { ClientBase, PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';
import { isRefusal } from './errors.js';
import type { Statement } from './fragment.js';
import type { BatchContext } from './work-adapter.js';

/** The source of a batch's connection. */
export type BatchDatabase = Pick<Database, 'pool' | 'connectRunner'>;

/**
 * The transaction of one batch. If nothing was read under a lock, it is one combined statement, in one round trip.
 * Otherwise BEGIN was sent before the first read, and COMMIT follows the statement in the same round trip. Statements that
 * look rows up do so by primary key, whatever their cached plans were made for.
 */
export class BatchTransaction implements BatchContext {
  #client: PoolClient | undefined;
  #connected: ConnectedRunner | undefined;
  started: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: BatchDatabase,
    readonly retried: boolean,
  ) {}

  async transaction(): Promise<ClientBase> {
    if (this.#client === undefined) {
      this.#client = await this.database.pool.connect();
      // Not awaited here, so that it shares a round trip with the first read; awaited before anything is written.
      this.started = this.#client.query(BEGIN_BY_KEY);
      this.started.catch(() => undefined);
    }
    return this.#client;
  }

  /**
   * Returns the entity manager of this transaction. TypeORM must begin the transaction itself, otherwise `save` would
   * begin another one inside it; so this must be called before {@link transaction}. The transaction ends like that of
   * every batch, because TypeORM does not report that PostgreSQL answered COMMIT with ROLLBACK.
   */
  async entities(): Promise<EntityManager> {
    if (this.#connected === undefined) {
      if (this.#client !== undefined)
        throw new Error('the transaction has started without TypeORM: call entities() before transaction()');
      const { runner, client } = (this.#connected = await this.database.connectRunner());
      this.#client = client;
      await runner.startTransaction().catch((error: unknown) => {
        throw driverErrorOf(error);
      });
      this.started = client.query(FIND_BY_KEY);
      this.started.catch(() => undefined);
    }
    return this.#connected.runner.manager;
  }

  /** Rejects with the server's error if nothing was written; any other failure is a {@link StoreAwayError}. */
  /** `last`: to be written after the first statement, as it must not begin before that has all its locks. */
  async commit(statement: Statement | undefined, last?: Statement): Promise<void> {
    try {
      if (statement !== undefined && last !== undefined) await this.transaction();
      await (statement === undefined ? this.#commit(last) : this.#commit(statement, last));
    } catch (error) {
      throw isRefusal(error) || error instanceof StoreAwayError ? error : new StoreAwayError(error);
    }
  }

  async #commit(statement: Statement | undefined, last?: Statement): Promise<void> {
    const client = this.#client;
    if (client === undefined) {
      if (statement !== undefined) await withPooled(this.database.pool, (own) => alone(own, statement));
      return;
    }
    await this.started;
    const written = statement === undefined ? undefined : client.query(statement);
    const ordered = last === undefined ? undefined : client.query(last);
    const [, committed] = await settleAll(written, client.query('commit'), ordered);
    // After a failed statement, PostgreSQL answers COMMIT with a successful ROLLBACK.
    if (committed.command !== 'COMMIT') throw new TransactionRolledBackError();
    await this.#release(client);
  }

  /** Rolls an open transaction back; if that fails, the connection is closed. */
  async rollback(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    await client.query('rollback').catch(() => undefined);
    await this.#release(client);
  }

  async #release(client: PoolClient): Promise<void> {
    const connected = this.#connected;
    this.#client = this.#connected = undefined;
    if (connected === undefined) client.release(client.getTransactionStatus() !== 'I');
    else await releaseRunner(connected);
  }
}

/** Pure inserts need no plan, so they run without the two extra messages of an explicit transaction. */
const alone = (client: PoolClient, { looksUp, ...statement }: Statement): Promise<unknown> =>
  looksUp ? runByKey(client, statement) : client.query(statement);

/** Waits for all, and prefers the first one's error: the others' are only its consequence. */
async function settleAll<A, B>(
  first: Promise<A> | undefined,
  second: Promise<B>,
  between?: Promise<unknown>,
): Promise<[A | undefined, B]> {
  const [a, c, b] = await Promise.allSettled([first ?? Promise.resolve(undefined), between, second]);
  if (a.status === 'rejected') throw a.reason;
  if (c.status === 'rejected') throw c.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}
