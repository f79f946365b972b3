import { ClientRMQ, type ReadPacket } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';
import type { ConfirmChannel } from 'amqplib';
import { NotTakenError } from '../publisher.js';
import type { BrokerConnection } from './broker-connection.js';
import { declareTopology, eventsExchange, queueOf, type Topology } from './topology.js';
import { Unconfirmed } from './unconfirmed.js';
import { encode, propertiesOf } from './wire.js';

/** A confirm that has not come by then never will, as after a lost connection: what became of the message is unknown. */
const CONFIRM_WITHIN_MS = 10_000;

/**
 * Nest's sending side for RabbitMQ, made safe. A message is persistent, and taken only once the broker has confirmed it,
 * in a queue; it rejects at once while there is no connection, as it has its outbox to wait in, and nothing is buffered.
 */
export class RabbitClient extends ClientRMQ {
  #channel: ConfirmChannel | undefined;
  readonly #unconfirmed = new Unconfirmed();
  #unroutable = 0;

  constructor(
    private readonly broker: BrokerConnection,
    private readonly topology: Topology,
  ) {
    super({});
    broker.channel((channel) => this.#setUp(channel as ConfirmChannel), true);
  }

  /** Messages that no queue took, so far. */
  get unroutable(): number {
    return this.#unroutable;
  }

  override connect(): Promise<void> {
    return Promise.resolve(); // By the broker connection, again and again.
  }

  override close(): Promise<void> {
    return Promise.resolve(); // It closes with its connection.
  }

  /** What `emit` comes to, without an observable for each message. */
  dispatch(message: Message): Promise<void> {
    return this.dispatchEvent({ pattern: message.type, data: message });
  }

  /** A command or reply goes to its service's queue and must arrive in it; an event to whoever subscribed. */
  protected override dispatchEvent<T>({ data: message }: ReadPacket<Message>): Promise<T> {
    const { prefix } = this.topology;
    const sending =
      message.target === undefined
        ? this.#send(eventsExchange(prefix), message.type, message, false)
        : this.putInto(queueOf(prefix, message.target), message);
    return sending as Promise<T>;
  }

  putInto(queue: string, message: Message, headers?: Record<string, unknown>): Promise<void> {
    return this.#send('', queue, message, true, headers);
  }

  async #setUp(channel: ConfirmChannel): Promise<void> {
    channel.on('return', ({ properties }) => this.#unconfirmed.returned(String(properties.messageId)));
    channel.on('close', () => {
      if (this.#channel === channel) this.#channel = undefined;
      this.#unconfirmed.rejectAll(new NotTakenError('the connection to the broker was lost before it confirmed'));
    });
    await declareTopology(channel, this.topology);
    this.#channel = channel;
  }

  /** `mandatory`: what no queue takes comes back, before its confirm. */
  #send(
    exchange: string,
    key: string,
    message: Message,
    mandatory: boolean,
    headers?: Record<string, unknown>,
  ): Promise<void> {
    const channel = this.#channel;
    const trouble = this.broker.trouble ?? (channel === undefined ? 'setting up' : undefined);
    if (channel === undefined || trouble !== undefined)
      return Promise.reject(new NotTakenError(`the broker takes nothing now: ${trouble ?? ''}`));
    return this.#unconfirmed.track(message.id, CONFIRM_WITHIN_MS, (sent) => {
      const options = { ...propertiesOf(message, headers), mandatory };
      channel.publish(exchange, key, encode(message), options, (error: unknown) => {
        if (error !== null && error !== undefined) sent.end(new NotTakenError('the broker refused it'));
        else if (sent.returned) sent.end(this.#noQueue(key));
        else sent.end();
      });
    });
  }

  #noQueue(key: string): NotTakenError {
    this.#unroutable += 1;
    return new NotTakenError(`there is no queue ${key} to take it`);
  }
}
