import { ClientRMQ, type ReadPacket } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';
import type { ConfirmChannel } from 'amqplib';
import { NotTakenError } from '../publisher.js';
import type { BrokerConnection } from './broker-connection.js';
import { declareTopology, eventsExchange, queueOf, type Topology } from './topology.js';
import { Bundler } from './bundler.js';
import { Unconfirmed } from './unconfirmed.js';
import { encode, type Messages, propertiesOf } from './wire.js';

/** A confirm that has not come by then never will, as after a lost connection: what became of the message is unknown. */
const CONFIRM_WITHIN_MS = 10_000;

/** A bundle above it goes apart again: brokers limit the size of a message. */
const LARGE_BYTES = 1024 * 1024;

/**
 * Nest's sending side for RabbitMQ, made safe. A message is persistent, and taken only once the broker has confirmed it,
 * in a queue; it rejects at once while there is no connection, as it has its outbox to wait in, and nothing is buffered.
 */
export class RabbitClient extends ClientRMQ {
  #channel: ConfirmChannel | undefined;
  readonly #unconfirmed = new Unconfirmed();
  /** By exchange and routing key. */
  readonly #bundlers = new Map<string, Bundler>();
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
        ? this.#bundler(eventsExchange(prefix), message.type).add(message)
        : this.#bundler('', queueOf(prefix, message.target)).add(message);
    return sending as Promise<T>;
  }

  /** Puts a message into a queue by itself. */
  putInto(queue: string, message: Message, headers?: Record<string, unknown>): Promise<void> {
    return this.#send('', queue, [message], headers);
  }

  #bundler(exchange: string, key: string): Bundler {
    const name = `${exchange} ${key}`;
    let bundler = this.#bundlers.get(name);
    if (bundler === undefined) {
      bundler = new Bundler((messages) => this.#send(exchange, key, messages));
      this.#bundlers.set(name, bundler);
    }
    return bundler;
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

  /** What is for one queue must arrive in it: what no queue takes comes back, before its confirm. */
  #send(exchange: string, key: string, messages: Messages, headers?: Record<string, unknown>): Promise<void> {
    const channel = this.#channel;
    const trouble = this.broker.trouble ?? (channel === undefined ? 'setting up' : undefined);
    if (channel === undefined || trouble !== undefined)
      return Promise.reject(new NotTakenError(`the broker takes nothing now: ${trouble ?? ''}`));
    const content = encode(messages);
    if (messages.length > 1 && content.length > LARGE_BYTES) return this.#sendEach(exchange, key, messages);
    return this.#unconfirmed.track(messages[0].id, CONFIRM_WITHIN_MS, (sent) => {
      const options = { ...propertiesOf(messages, headers), mandatory: exchange === '' };
      channel.publish(exchange, key, content, options, (error: unknown) => {
        if (error !== null && error !== undefined) sent.end(new NotTakenError('the broker refused it'));
        else if (sent.returned) sent.end(this.#noQueue(key));
        else sent.end();
      });
    });
  }

  async #sendEach(exchange: string, key: string, messages: Messages): Promise<void> {
    await Promise.all(messages.map((message) => this.#send(exchange, key, [message])));
  }

  #noQueue(key: string): NotTakenError {
    this.#unroutable += 1;
    return new NotTakenError(`there is no queue ${key} to take it`);
  }
}
