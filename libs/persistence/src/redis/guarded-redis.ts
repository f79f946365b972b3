import { type Command, Redis, type RedisOptions } from 'ioredis';
import { Pulse } from '../pulse.js';
import { StoreAwayError } from '../store-away.js';
import { isRedisAway } from './redis-error.js';

/** From the connection to the server's word that it is ready. */
const READY_WITHIN_MS = 1_200;

type Stream = Parameters<Redis['sendCommand']>[1];

/**
 * A connection all of whose commands go through a pulse, once it is guarded: every outage rejects with a
 * {@link StoreAwayError}. While the server is away the connection is made anew, again and again.
 */
export class GuardedRedis extends Redis {
  #pulse: Pulse | undefined;
  #probing = false;
  #connectedAt = 0;

  constructor(
    private readonly url: string,
    options: RedisOptions,
  ) {
    super(url, options);
  }

  /** From now on nobody waits longer than 2 s. */
  guard(log: (line: string) => void): void {
    const { host } = new URL(this.url);
    const pulse = new Pulse({ engine: 'Redis', at: host, probe: () => this.#probe(), isAway: isRedisAway, log });
    pulse.onAway(() => {
      if (this.status === 'ready') super.disconnect(true);
    });
    this.on('connect', () => (this.#connectedAt = performance.now()));
    this.#pulse = pulse;
  }

  override sendCommand(command: Command, stream?: Stream): unknown {
    const send = (): Promise<unknown> => super.sendCommand(command, stream) as Promise<unknown>;
    const pulse = this.#pulse;
    if (pulse === undefined || this.#probing) return send();
    // Before it is ready, the client itself has something to say: to log in, and to ask whether it is.
    const refused = pulse.away && this.status === 'ready';
    const answer = pulse.away && !refused ? outageOf(send()) : pulse.run(send);
    if (refused) command.reject(new StoreAwayError());
    // The client listens to the command itself, whoever asked for it to the answer.
    for (const settled of [command.promise as Promise<unknown>, answer]) settled.catch(() => undefined);
    return answer;
  }

  /** Resolves when the server is seen to answer; see {@link Pulse.answers}. */
  async answers(): Promise<void> {
    await (this.#pulse === undefined ? this.ping() : this.#pulse.answers(() => this.ping()));
  }

  override disconnect(reconnect = false): void {
    if (!reconnect) this.#pulse?.close();
    super.disconnect(reconnect);
  }

  /** A ping is answered before the client takes commands: the server is there once it does. */
  #probe(): Promise<unknown> {
    if (this.status !== 'ready') {
      // Connected, and the server does not say that it is ready: that connection leads nowhere.
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
