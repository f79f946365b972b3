import pg from 'pg';
import type { AvailabilityMonitor } from '../availability-monitor.js';
import { StoreAwayError } from '../store-away.js';
import { withPooled } from './session.js';

/** Maximum time to wait for a free connection if the server is available. */
const FREE_WITHIN_MS = 1_500;
/** Maximum number of callers waiting for a connection: more of them would not get one in time. */
const WAITING_LIMIT = 2_000;

type Connected = Parameters<pg.Pool['connect']>[0];
type Query = (...args: unknown[]) => Promise<unknown>;
type Connection = pg.Client & { readonly connection: { readonly stream: { destroy(): void } } };

export interface GuardedPool {
  /** The pool class for TypeORM, which creates the pool. */
  readonly Pool: typeof pg.Pool;
  /**
   * From now on no caller waits longer than 2 s. Not called before the database is open, because `open` has time limits
   * of its own.
   */
  guard(): void;
  /** Stops watching the connections, before they are closed. */
  release(): void;
}

/** The state shared by the connections of one pool. */
interface Watch {
  readonly monitor: AvailabilityMonitor;
  readonly clients: Set<Connection>;
  guarded: boolean;
}

/**
 * A class of pools whose connections and statements all go through a monitor: every kind of outage rejects with a {@link
 * StoreAwayError}. While the server is unavailable, its connections are closed and no new one is opened.
 */
export function guardedPool(monitor: AvailabilityMonitor): GuardedPool {
  const watch: Watch = { monitor, clients: new Set(), guarded: false };
  const release = monitor.onAway(() => {
    // Includes connections that are being opened, because their server may have frozen during that.
    if (watch.guarded) for (const { connection } of watch.clients) connection.stream.destroy();
  });
  return {
    Pool: poolOf(watch),
    guard: () => (watch.guarded = true),
    release: () => {
      watch.guarded = false;
      release();
    },
  };
}

function poolOf(watch: Watch): typeof pg.Pool {
  return class extends pg.Pool {
    constructor(config?: pg.PoolConfig) {
      super({ ...config, Client: clientOf(watch) });
    }

    override connect(): Promise<pg.PoolClient>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<pg.PoolClient> | void {
      const connecting = watch.guarded ? this.#connect() : super.connect();
      if (callback === undefined) return connecting;
      connecting.then(
        (client) => process.nextTick(callback, undefined, client, client.release.bind(client)),
        (error: unknown) => process.nextTick(callback, error, undefined, () => undefined),
      );
    }

    /**
     * The pool's own method would destroy the connection after any error, and would pass on socket errors unconverted.
     */
    override query(...args: unknown[]): never {
      // It has the same overloads as the client's method.
      return withPooled(this, (client) => (client.query as Query)(...args)) as never;
    }

    async #connect(): Promise<pg.PoolClient> {
      if (this.waitingCount >= WAITING_LIMIT)
        throw new StoreAwayError(new Error('too many operations are waiting for a connection'));
      let timer: NodeJS.Timeout | undefined;
      const giveBack = (client: pg.PoolClient): void => client.release();
      const connecting = watch.monitor.run(() => super.connect(), { late: giveBack, provesAvailability: false });
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          connecting.then(giveBack, () => undefined);
          reject(new StoreAwayError(new Error('no connection became free in time')));
        }, FREE_WITHIN_MS);
      });
      return Promise.race([connecting, late]).finally(() => clearTimeout(timer));
    }
  };
}

function clientOf(watch: Watch): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config);
      const self = this as unknown as Connection;
      watch.clients.add(self);
      this.once('end', () => watch.clients.delete(self));
      // pg-pool removes its own listener while a client is lent. Without a listener, a server that ends the connection
      // at that moment would end this process. Callers that wait for an answer get the error from their query.
      this.on('error', (error) => {
        if (watch.guarded) watch.monitor.suspectOutage(error);
      });
    }

    /** Returns a promise: nothing here passes a callback, not even the pool's own `query`, which is overridden. */
    override query(...args: unknown[]): never {
      const query: Query = () => (super.query as Query).apply(this, args);
      return (watch.guarded ? watch.monitor.run(query) : query()) as never;
    }
  };
}
