import { ServerRMQ } from '@nestjs/microservices';
import { type Message, newId } from '@seam/kernel';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Consumer, Handler } from '../consumer.js';
import { transportOf } from '../decorators.js';
import { handlersOf } from '../handlers.js';
import type { Receiver } from '../transport.js';
import { Acknowledgements } from './acknowledgements.js';
import type { BrokerConnection } from './broker-connection.js';
import { BrokerError } from './errors.js';
import type { RabbitClient } from './rabbitmq-client.js';
import {
  declareQueues,
  deadQueueOf,
  DELIVERY_LIMIT,
  queueOf,
  RETRY_DELAYS_MS,
  retryQueueOf,
  type Topology,
} from './topology.js';
import { deathOf, decode, FAILURES, REASON } from './wire.js';

export interface RabbitServerOptions {
  readonly service: string;
  readonly broker: BrokerConnection;
  readonly client: RabbitClient;
  readonly topology: Topology;
  /** The most of the broker's messages, each a bundle of ours, handed out before one is acknowledged. */
  readonly prefetch: number;
}

/**
 * One service's receiving side of RabbitMQ, made safe: Nest hands it the handlers, its own queue the messages. A message
 * is acknowledged once its effect, its dead letter or its place in a retry queue is durable, and at no other time; so it
 * may come again, and its inbox mark tells.
 */
export class RabbitServer extends ServerRMQ implements Receiver {
  override readonly transportId: symbol;
  /** A failing handler is ours to retry, not Nest's to log and forget. */
  override readonly propagatesEventHandlerErrors = true;
  #handlers: ReadonlyMap<string, Handler> = new Map();
  #consumer: Consumer | undefined;
  #consuming: { channel: Channel; tags: string[] } | undefined;
  #active = 0;
  #idle: (() => void) | undefined;
  #drained: Promise<void> | undefined;
  #state: 'listening' | 'draining' = 'listening';

  constructor(private readonly of: RabbitServerOptions) {
    super({ noAck: false });
    this.transportId = transportOf(of.service);
  }

  bind(consumer: Consumer): void {
    this.#consumer = consumer;
  }

  override listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.#handlers = handlersOf(this.of.service, this.messageHandlers);
      this.#checkSubscriptions();
    } catch (error) {
      callback(error);
      return Promise.resolve();
    }
    this.of.broker.channel((channel) => this.#consume(channel));
    callback();
    return Promise.resolve();
  }

  async drain(): Promise<void> {
    this.#state = 'draining';
    const { channel, tags } = this.#consuming ?? { channel: undefined, tags: [] };
    this.#consuming = undefined;
    // A channel that is gone has no consumers either, and its messages are the broker's again.
    await Promise.all(channel === undefined ? [] : tags.map((tag) => channel.cancel(tag))).catch(() => undefined);
    if (this.#active > 0) await (this.#drained ??= new Promise<void>((idle) => (this.#idle = idle)));
  }

  override close(): Promise<void> {
    return this.drain(); // Its channel closes with its connection.
  }

  async #consume(channel: Channel): Promise<void> {
    if (this.#state === 'draining') return;
    const { service, topology, prefetch } = this.of;
    await declareQueues(channel, topology, service);
    await channel.prefetch(prefetch);
    const tags: string[] = [];
    this.#consuming = { channel, tags };
    const acknowledgements = new Acknowledgements(channel);
    const queues: [string, (delivery: ConsumeMessage) => Promise<void>][] = [
      [queueOf(topology.prefix, service), (delivery) => this.#handle(delivery)],
      [deadQueueOf(topology.prefix, service), (delivery) => this.#keepDead(delivery)],
    ];
    for (const [queue, take] of queues) {
      const { consumerTag } = await channel.consume(queue, (delivery) => {
        // Nobody's cancel but the broker's: the queue was deleted. A new connection declares it anew.
        if (delivery === null) this.of.broker.renew();
        else void this.#settle(acknowledgements, delivery, take);
      });
      tags.push(consumerTag);
    }
  }

  async #settle(
    acknowledgements: Acknowledgements,
    delivery: ConsumeMessage,
    take: (delivery: ConsumeMessage) => Promise<void>,
  ): Promise<void> {
    this.#active += 1;
    await take(delivery).then(
      () => acknowledgements.ack(delivery),
      // The process stops, or the broker is away: whoever gets it next will handle it.
      () => acknowledgements.requeue(delivery),
    );
    this.#active -= 1;
    if (this.#active > 0) return;
    acknowledgements.flush();
    this.#idle?.();
  }

  async #handle(delivery: ConsumeMessage): Promise<void> {
    const received = decode(delivery);
    if (!received.readable) return this.#bury(this.#unreadable(delivery), received.reason, 0);
    const { messages, failures } = received;
    // It may be one of them that ended a process: each by itself from now on, so that it takes no other with it.
    if (messages.length > 1 && delivery.fields.redelivered) return this.#separate(messages);
    const ended = await Promise.allSettled(messages.map((message) => this.#consumeOne(message, failures)));
    // Where one was not taken all come again, and those that were are known.
    const failed = ended.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #consumeOne(message: Message, failures: number): Promise<void> {
    return this.#bound().consume(message, this.#handlers.get(message.type), {
      failures,
      defer: (failed, delayMs, reason) => this.#putAside(message, failed, delayMs, reason),
    });
  }

  async #separate(messages: readonly Message[]): Promise<void> {
    const { client, topology, service } = this.of;
    await Promise.all(messages.map((message) => client.putInto(queueOf(topology.prefix, service), message)));
  }

  /** The broker has given them up: then they are dead letters like any other. */
  async #keepDead(delivery: ConsumeMessage): Promise<void> {
    const received = decode(delivery);
    const messages = received.readable ? received.messages : [this.#unreadable(delivery)];
    await Promise.all(messages.map((message) => this.#bury(message, deathOf(delivery), DELIVERY_LIMIT)));
  }

  async #bury(message: Message, reason: string, attempts: number): Promise<void> {
    const handler = this.#handlers.get(message.type)?.handler ?? `${this.of.service}/none`;
    await this.#bound().bury(message, handler, reason, attempts);
  }

  /** Into the queue whose messages come back after this time or a little later; one that waits there holds up no other. */
  #putAside(message: Message, failures: number, delayMs: number, reason: string): Promise<void> {
    const { client, topology, service } = this.of;
    const delay = RETRY_DELAYS_MS.find((ms) => ms >= delayMs) ?? RETRY_DELAYS_MS[1];
    const headers = { [FAILURES]: failures, [REASON]: reason.slice(0, 500) };
    return client.putInto(retryQueueOf(topology.prefix, service, delay), message, headers);
  }

  /** What cannot be read is kept as it came, to be looked at. */
  #unreadable({ content, properties, fields }: ConsumeMessage): Message {
    return {
      id: newId(),
      type: 'unreadable',
      kind: 'event',
      source: String(properties.appId ?? 'unknown'),
      correlationId: String(properties.messageId ?? newId()),
      at: new Date().toISOString(),
      data: { content: content.toString('base64'), exchange: fields.exchange, routingKey: fields.routingKey },
    };
  }

  #bound(): Consumer {
    if (this.#consumer === undefined) throw new Error(`nobody consumes the messages of ${this.of.service}`);
    return this.#consumer;
  }

  /** What a service handles and what its queue is bound to must be the same, or events would be lost or given up. */
  #checkSubscriptions(): void {
    const { service, topology } = this.of;
    const declared = new Set(topology.subscriptions[service] ?? []);
    const handled = [...this.#handlers.values()].flatMap(({ contract }) =>
      contract?.kind === 'event' ? [contract.type] : [],
    );
    const unbound = handled.filter((type) => !declared.has(type));
    const unhandled = [...declared].filter((type) => !handled.includes(type));
    if (unbound.length === 0 && unhandled.length === 0) return;
    throw new BrokerError(
      'MESSAGING.SUBSCRIPTIONS',
      `${service} handles ${handled.join(', ') || 'no events'}, and libs/contracts/src/subscriptions.ts says ` +
        `${[...declared].join(', ') || 'none'}: write there what the service handles.`,
    );
  }
}
