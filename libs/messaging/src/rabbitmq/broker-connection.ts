import { Logger } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import { type AmqpConnectionManager, type ChannelWrapper, connect } from 'amqp-connection-manager';
import type { Channel } from 'amqplib';
import type { BrokerOutage } from './broker-outage.js';
import { wordsOf } from './errors.js';
import { type Declared, declareTopology, type Topology } from './topology.js';

const HEARTBEAT_S = 5;
const RECONNECT_S = 1;
const SET_UP_AGAIN_MS = 5_000;

/**
 * A connection to the broker that is made and restored in the background, and knows its state. Publishers and consumers
 * have one each, because RabbitMQ blocks whole connections.
 */
export class BrokerConnection {
  readonly manager: AmqpConnectionManager;
  readonly #log: Logger;
  readonly #failing: Recurring;
  #blocked: string | undefined;
  /** Why it is not connected. */
  #reason: string | undefined;
  #closing = false;
  readonly #released = new WeakSet<Channel>();

  constructor(
    url: string,
    private readonly purpose: string,
    private readonly outage: BrokerOutage,
  ) {
    this.#log = new Logger(`RabbitMQ ${purpose}`);
    this.#failing = new Recurring(this.#log, { what: 'failures at the broker' });
    this.manager = connect([url], {
      heartbeatIntervalInSeconds: HEARTBEAT_S,
      reconnectTimeInSeconds: RECONNECT_S,
      connectionOptions: {
        timeout: 5_000,
        noDelay: true,
        clientProperties: { connection_name: `seam ${purpose} ${process.pid}` },
      },
    });
    this.manager.on('connect', () => this.#connected());
    this.manager.on('disconnect', ({ err }) => this.#lost('connection lost', err));
    this.manager.on('connectFailed', ({ err }) => this.#lost('not connected', err));
    this.manager.on('blocked', ({ reason }) => {
      this.#blocked = reason;
      this.#log.warn(`blocked by the broker: ${reason}; messages wait in the outboxes`);
    });
    this.manager.on('unblocked', () => {
      this.#blocked = undefined;
      this.#log.log('no longer blocked');
    });
  }

  /** Why nothing can be sent now; undefined: messages can be sent. */
  get unavailableReason(): string | undefined {
    if (!this.manager.isConnected()) return this.#reason ?? 'not connected';
    return this.#blocked === undefined ? undefined : `blocked: ${this.#blocked}`;
  }

  /**
   * A channel that is set up again with each connection. If the broker closes only the channel, the whole connection is
   * renewed, because the connection manager would not open another channel.
   */
  channel(setup: (channel: Channel) => Promise<void>, confirm = false): ChannelWrapper {
    const wrapper = this.manager.createChannel({
      confirm,
      setup: async (channel: Channel) => {
        const { connection } = this.manager;
        const alone = (): boolean => connection !== undefined && this.manager.connection === connection;
        channel.on('error', (error) => this.failed(`channel closed by the broker: ${wordsOf(error)}`));
        channel.on('close', () => {
          // Checked later, because when a connection ends, its channels end first.
          setImmediate(() => {
            if (alone() && !this.#released.has(channel)) this.renew();
          });
        });
        await setup(channel);
      },
    });
    wrapper.on('error', (error) => {
      const { connection } = this.manager;
      if (connection === undefined) return;
      this.failed(`a channel could not be set up: ${wordsOf(error)}`);
      setTimeout(() => {
        if (this.manager.connection === connection) this.renew();
      }, SET_UP_AGAIN_MS).unref();
    });
    return wrapper;
  }

  /** Closes one channel, which is not opened again: the broker has its unacknowledged messages again. The connection stays. */
  async release(channel: Channel): Promise<void> {
    this.#released.add(channel);
    try {
      await channel.close();
    } catch {
      // It has closed with its connection.
    }
  }

  /** Declares the topology on separate channels. */
  declare(topology: Topology): Promise<Declared> {
    const { connection } = this.manager;
    if (connection === undefined) return Promise.reject(new Error('not connected'));
    return declareTopology(connection, topology);
  }

  /** Logs a failure that may repeat; a moment later, and not if the connection was lost because of it. */
  failed(words: string): void {
    const { connection } = this.manager;
    setImmediate(() => {
      if (connection !== undefined && this.manager.connection === connection) this.#failing.happened(words);
    });
  }

  /** Closes the connection and opens another, on which everything is set up again. */
  renew(): void {
    if (!this.#closing && this.manager.isConnected()) this.manager.reconnect();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#failing.end();
    await this.manager.close();
  }

  #connected(): void {
    [this.#reason, this.#blocked] = [undefined, undefined];
    this.outage.connected(this.purpose);
  }

  #lost(how: string, error: unknown): void {
    this.#reason = `${how} (${wordsOf(error)})`;
    if (!this.#closing) this.outage.lost(this.purpose, this.#reason);
  }
}
