import pg from 'pg';
import type { Pulse } from '../pulse.js';
import { StoreAwayError } from '../store-away.js';
import { withPooled } from './session.js';

/** How long somebody waits for a free connection of a server that lives. */
const FREE_WITHIN_MS = 1_500;
/** How many may wait for one: beyond it, waiting would be in vain. */
const WAITING_LIMIT = 2_000;

type Connected = Parameters<pg.Pool['connect']>[0];
type Query = (...args: unknown[]) => Promise<unknown>;
type Connection = pg.Client & { readonly connection: { readonly stream: { destroy(): void } } };

export interface GuardedPool {
  /** For TypeORM, which makes its pool of it. */
  readonly Pool: typeof pg.Pool;
  /** From now on nobody waits longer than 2 s: not for those who open a database, and have patience of their own. */
  guard(): void;
  /** Ends the watch over connections, which are about to be closed. */
  release(): void;
}

/** What the connections of one pool share. */
interface Watch {
  readonly pulse: Pulse;
  readonly clients: Set<Connection>;
  guarded: boolean;
}

/**
 * A class of pools all of whose connections and statements go through a pulse: every outage, of whatever kind, rejects
 * with a {@link StoreAwayError}. While the server is away its connections are closed, and none is tried.
 */
export function guardedPool(pulse: Pulse): GuardedPool {
  const watch: Watch = { pulse, clients: new Set(), guarded: false };
  const release = pulse.onAway(() => {
    // Also those that are being made: their server may have frozen in the middle of it.
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

    /** The pool's own drops the connection on any error, and passes the socket's on as it is. */
    override query(...args: unknown[]): never {
      // Its many signatures are those of a client's.
      return withPooled(this, (client) => (client.query as Query)(...args)) as never;
    }

    async #connect(): Promise<pg.PoolClient> {
      if (this.waitingCount >= WAITING_LIMIT)
        throw new StoreAwayError(new Error('too many operations are waiting for a connection'));
      let timer: NodeJS.Timeout | undefined;
      const giveBack = (client: pg.PoolClient): void => client.release();
      const connecting = watch.pulse.run(() => super.connect(), { late: giveBack, provesLife: false });
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
      // pg-pool takes its own listener away while a client is lent: without one, a server that ends the connection just
      // then would end this process. Whoever waits for an answer is told by that.
      this.on('error', (error) => {
        if (watch.guarded) watch.pulse.doubt(error);
      });
    }

    /** With a promise: nobody here asks with a callback, the pool's own `query` neither, as it is overridden. */
    override query(...args: unknown[]): never {
      const query: Query = () => (super.query as Query).apply(this, args);
      return (watch.guarded ? watch.pulse.run(query) : query()) as never;
    }
  };
}
