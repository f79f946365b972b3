import { type Command, Redis, type RedisOptions } from 'ioredis';
import { AvailabilityMonitor } from '../availability-monitor.js';
import { StoreAwayError } from '../store-away.js';
import { isRedisAway } from './redis-error.js';

/** Maximum time from the connection until the server reports that it is ready. */
const READY_WITHIN_MS = 1_200;

type Stream = Parameters<Redis['sendCommand']>[1];

/**
 * A connection whose commands all go through a monitor, after `guard` was called: every outage rejects with a {@link
 * StoreAwayError}. While the server is unavailable, the client reconnects repeatedly.
 */
export class GuardedRedis extends Redis {
  #monitor: AvailabilityMonitor | undefined;
  #probing = false;
  #connectedAt = 0;

  constructor(
    private readonly url: string,
    options: RedisOptions,
  ) {
    super(url, options);
  }

  /** From now on no caller waits longer than 2 s. */
  guard(log: (line: string) => void): void {
    const { host } = new URL(this.url);
    const monitor = new AvailabilityMonitor({
      engine: 'Redis',
      at: host,
      probe: () => this.#probe(),
      isAway: isRedisAway,
      log,
    });
    monitor.onAway(() => {
      if (this.status === 'ready') super.disconnect(true);
    });
    this.on('connect', () => (this.#connectedAt = performance.now()));
    this.#monitor = monitor;
  }

  override sendCommand(command: Command, stream?: Stream): unknown {
    const send = (): Promise<unknown> => super.sendCommand(command, stream) as Promise<unknown>;
    const monitor = this.#monitor;
    if (monitor === undefined || this.#probing) return send();
    // Until the connection is ready, the client itself sends commands: to log in, and to check whether the server is
    // ready.
    const refused = monitor.away && this.status === 'ready';
    const answer = monitor.away && !refused ? outageOf(send()) : monitor.run(send);
    if (refused) command.reject(new StoreAwayError());
    // The client waits for the command's own promise, the caller for `answer`.
    for (const settled of [command.promise as Promise<unknown>, answer]) settled.catch(() => undefined);
    return answer;
  }

  /** Resolves when the server has answered; see {@link AvailabilityMonitor.answers}. */
  async answers(): Promise<void> {
    await (this.#monitor === undefined ? this.ping() : this.#monitor.answers(() => this.ping()));
  }

  override disconnect(reconnect = false): void {
    if (!reconnect) this.#monitor?.close();
    super.disconnect(reconnect);
  }

  /**
   * A ping can be answered before the client accepts commands, so the status is checked first: the server is available
   * only when the client accepts commands.
   */
  #probe(): Promise<unknown> {
    if (this.status !== 'ready') {
      // Connected, but the server does not report that it is ready: this connection is useless.
      if (this.status === 'connect' && performance.now() - this.#connectedAt > READY_WITHIN_MS) super.disconnect(true);
      return Promise.reject(new Error('not connected'));
    }
    this.#probing = true;
    try {
      return this.ping();
    } finally {
      this.#probing = false;
    }
  }
}

async function outageOf(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    throw isRedisAway(error) ? new StoreAwayError(error) : error;
  }
}
