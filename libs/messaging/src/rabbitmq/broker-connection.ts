import { Logger } from '@nestjs/common';
import { type AmqpConnectionManager, type ChannelWrapper, connect } from 'amqp-connection-manager';
import type { Channel } from 'amqplib';
import { wordsOf } from './errors.js';

const HEARTBEAT_S = 5;
const RECONNECT_S = 1;

/** A connection that comes back by itself, and says how it is. Publishers and consumers have one each: RabbitMQ blocks whole connections. */
export class BrokerConnection {
  readonly manager: AmqpConnectionManager;
  readonly #log: Logger;
  #blocked: string | undefined;
  #closing = false;

  constructor(url: string, purpose: string) {
    this.#log = new Logger(`RabbitMQ ${purpose}`);
    this.manager = connect([url], {
      heartbeatIntervalInSeconds: HEARTBEAT_S,
      reconnectTimeInSeconds: RECONNECT_S,
      connectionOptions: {
        timeout: 5_000,
        noDelay: true,
        clientProperties: { connection_name: `seam ${purpose} ${process.pid}` },
      },
    });
    this.manager.on('connect', () => {
      this.#blocked = undefined;
      this.#log.log('connected');
    });
    this.manager.on('disconnect', ({ err }) => {
      if (!this.#closing) this.#log.warn(`connection lost, trying again: ${wordsOf(err)}`);
    });
    this.manager.on('blocked', ({ reason }) => {
      this.#blocked = reason;
      this.#log.warn(`blocked by the broker: ${reason}; what is to be sent waits in the outboxes`);
    });
    this.manager.on('unblocked', () => {
      this.#blocked = undefined;
      this.#log.log('no longer blocked');
    });
  }

  /** Why nothing can be sent now; none: it can. */
  get trouble(): string | undefined {
    if (!this.manager.isConnected()) return 'not connected';
    return this.#blocked === undefined ? undefined : `blocked: ${this.#blocked}`;
  }

  /**
   * A channel that is set up anew with each connection. A channel that the broker closes alone brings the connection
   * down with it: the connection manager would not make another one.
   */
  channel(setup: (channel: Channel) => Promise<void>, confirm = false): ChannelWrapper {
    const wrapper = this.manager.createChannel({
      confirm,
      setup: async (channel: Channel) => {
        channel.on('error', (error) => this.#log.error(`channel closed by the broker: ${wordsOf(error)}`));
        const { connection } = this.manager;
        channel.on('close', () => {
          // Later: where the connection ends, its channels end first.
          setImmediate(() => {
            if (connection !== undefined && this.manager.connection === connection) this.renew();
          });
        });
        await setup(channel);
      },
    });
    wrapper.on('error', (error) => this.#log.error(`a channel could not be set up: ${wordsOf(error)}`));
    return wrapper;
  }

  /** Ends the connection and makes another, on which everything is set up again. */
  renew(): void {
    if (!this.#closing && this.manager.isConnected()) this.manager.reconnect();
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.manager.close();
  }
}
