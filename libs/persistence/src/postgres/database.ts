import pg from 'pg';
import type { DataSource, EntityManager, EntitySchema } from 'typeorm';
import { ensureDatabase, unavailable } from './create.js';
import { guardedPool } from './guarded-pool.js';
import { migrate } from './migrate.js';
import { type MigrationClass, MigrationError } from './migration.js';
import { runByKey } from './plan-by-key.js';
import { type ConnectedRunner, connectRunner, driverErrorOf, releaseRunner } from './query-runner.js';
import type { AvailabilityMonitor } from '../availability-monitor.js';
import { serverMonitor } from './server-monitor.js';
import { runTransaction, withPooled } from './session.js';

/** A TypeORM entity: a decorated class, or a schema. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type for a class
export type EntityClass = Function | EntitySchema;

export interface DatabaseOptions {
  /** The service; also the `application_name` of its connections (`seam-<name>`). */
  name: string;
  /** `postgresql://user:password@host:port/database`; the database is created if it is missing. */
  url: string;
  migrations: MigrationClass[];
  entities?: EntityClass[];
  /** Maximum number of connections; a positive integer, default 6. */
  poolSize?: number;
  /** How long `open` waits for a server that is not available yet. Default 15,000 ms. */
  connectWaitMs?: number;
  /** How long `open` waits for another process's migrations. Default 60,000 ms. */
  migrationLockMs?: number;
  /** Called once if `open` has to wait. */
  log?: (line: string) => void;
  /** Called when the server becomes unavailable, and when it is available again. */
  warn?: (line: string) => void;
}

const STATEMENT_TIMEOUT_MS = 15_000;
const IDLE_IN_TRANSACTION_MS = 60_000;
/**
 * Another transaction that holds a lock longer than this is stuck or frozen: the waiting one fails, and may be retried.
 */
const LOCK_TIMEOUT_MS = 1_500;

/**
 * One service's own PostgreSQL database: TypeORM and raw SQL over one pool.
 *
 * Limits: 15 s for a statement, 60 s for a pause inside a transaction, 1.5 s for waiting for a connection or a lock. If
 * the server is unavailable, operations reject with a `StoreAwayError` within 2 s. Connections are pipelined:
 * statements issued on one client without awaiting each are sent in one round trip and run in order. A rejected promise
 * must still be handled for each of them (`Promise.all`).
 */
export class Database {
  private closing: Promise<void> | undefined;

  private constructor(
    readonly name: string,
    readonly dataSource: DataSource,
    /** Shared with TypeORM. */
    readonly pool: pg.Pool,
    private readonly monitor: AvailabilityMonitor,
    private readonly release: () => void,
  ) {}

  /**
   * Waits for the server, creates the database if it is missing, connects, and migrates. Several processes may do so at
   * once. Throws `DatabaseUnavailableError` or `MigrationError`, and then leaves no connection open.
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    await ensureDatabase(options.name, options.url, options.connectWaitMs ?? 15_000, options.log);
    // Loaded on demand: a process without a PostgreSQL database saves some 30 MB.
    const typeorm = await import('typeorm');
    const { monitor, release } = serverMonitor(options.url, options.warn ?? (() => undefined));
    const guarded = guardedPool(monitor);
    const dataSource = new typeorm.DataSource(dataSourceOptions(options, guarded.Pool));
    try {
      await dataSource.initialize();
      await migrate(dataSource, options.migrations, options.migrationLockMs);
    } catch (error) {
      release();
      if (dataSource.isInitialized) await dataSource.destroy();
      throw error instanceof MigrationError ? error : unavailable(options.name, options.url, error);
    }
    guarded.guard();
    return new Database(options.name, dataSource, poolOf(dataSource), monitor, () => {
      guarded.release();
      release();
    });
  }

  /** Runs one statement in its own transaction. Rows as pg returns them (`int8` and `numeric` as strings). */
  query<R>(text: string, params?: unknown[]): Promise<R[]> {
    return withPooled(this.pool, async (client) => (await client.query(text, params)).rows as R[]);
  }

  /** Like `query`, but parsed only once per connection. A name must always be used with the same text. */
  prepared<R>(name: string, text: string, params: unknown[]): Promise<R[]> {
    return withPooled(this.pool, async (client) => (await client.query({ name, text, values: params })).rows as R[]);
  }

  /**
   * Like `prepared`, but the plan always looks up rows by their keys, even if the table had few rows when it was
   * planned.
   */
  preparedByKey<R extends pg.QueryResultRow>(name: string, text: string, params: unknown[]): Promise<R[]> {
    return withPooled(this.pool, async (client) => (await runByKey<R>(client, { name, text, values: params })).rows);
  }

  /**
   * Runs `work` in one transaction (READ COMMITTED) on one client. When it resolves, the commit is on disk.
   *
   * If `work` rejects, everything is rolled back and its error passed on. A failed statement aborts the transaction:
   * statements sent after it fail with 25P02. If `work` ignores all these errors, COMMIT is answered by ROLLBACK, and
   * this rejects with `TransactionRolledBackError`. If the connection breaks during COMMIT, it rejects with
   * `CommitOutcomeUnknownError`. The client always returns to the pool; a broken one is destroyed. It must not be used
   * after `work` has ended.
   */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return runTransaction(this.pool, work);
  }

  /**
   * Reads with TypeORM's repositories, on one connection; each statement sees what was committed before it. Like
   * `query`, rejects with the server's own error or a `StoreAwayError`.
   */
  async read<T>(work: (entities: EntityManager) => Promise<T>): Promise<T> {
    const connected = await this.connectRunner();
    let thrown: unknown;
    try {
      return await work(connected.runner.manager);
    } catch (error) {
      thrown = driverErrorOf(error);
      throw thrown;
    } finally {
      await releaseRunner(connected, thrown);
    }
  }

  /**
   * A TypeORM query runner on a connection of the pool, for callers that commit themselves; return it with
   * `releaseRunner`.
   */
  connectRunner(): Promise<ConnectedRunner> {
    return connectRunner(this.dataSource);
  }

  /** Resolves when the server has answered; see {@link AvailabilityMonitor.answers}. */
  answers(): Promise<void> {
    return this.monitor.answers(() => this.query('select 1'));
  }

  /** Waits for running statements and transactions, then closes all connections. Safe to call twice. */
  close(): Promise<void> {
    return (this.closing ??= (async () => {
      const closed = this.dataSource.destroy();
      this.release();
      await closed;
    })());
  }
}

function dataSourceOptions(
  options: DatabaseOptions,
  Pool: typeof pg.Pool,
): ConstructorParameters<typeof DataSource>[0] {
  const poolSize = options.poolSize ?? 6;
  if (!Number.isInteger(poolSize) || poolSize < 1) {
    throw new RangeError(`poolSize must be a positive integer, not ${poolSize}`);
  }
  return {
    type: 'postgres',
    driver: { Pool, defaults: pg.defaults }, // The two parts of pg that TypeORM uses.
    url: options.url,
    applicationName: `seam-${options.name}`,
    poolSize,
    connectTimeoutMS: 10_000,
    entities: options.entities ?? [],
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    logging: false,
    invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
    poolErrorHandler: () => undefined, // Every client reports its own errors, see below.
    extra: {
      pipeline: true,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
    },
  };
}

function poolOf(dataSource: DataSource): pg.Pool {
  return (dataSource.driver as unknown as { master: pg.Pool }).master;
}
