import { ServerRMQ } from '@nestjs/microservices';
import { setTimeout as pause } from 'node:timers/promises';
import { type Message, newId } from '@seam/kernel';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Consumer, Deferral, DeliveryContext } from '../consumer.js';
import type { MessageHandlers } from '../message-handlers.js';
import { DeliveryRejectedError } from '../publisher.js';
import { StandingDelay } from '../standing-delay.js';
import type { Receiver } from '../transport.js';
import { Acknowledgements } from './acknowledgements.js';
import type { BrokerConnection } from './broker-connection.js';
import { BrokerError } from './errors.js';
import { OrderedConsumer } from './ordered-consumer.js';
import type { RabbitClient } from './rabbitmq-client.js';
import { MAX_CRASHES, RedeliveryPolicy } from './redelivery-policy.js';
import {
  deadQueueOf,
  markHosted,
  parkedQueueOf,
  queueOf,
  RETRY_DELAYS_MS,
  retryQueueOf,
  type Topology,
} from './topology.js';
import { attemptsHeader, attemptsOf, countIn, decode, FAILURES, READABLE, REASON } from './wire.js';

export interface RabbitServerOptions {
  readonly service: string;
  readonly broker: BrokerConnection;
  readonly client: RabbitClient;
  readonly topology: Topology;
  /** Maximum number of unacknowledged broker messages, each a bundle. */
  readonly prefetch: number;
  /** An id that no other process has, not even an earlier one on the same machine. */
  readonly process: string;
}

/**
 * Maximum number of messages of one bundle that are handled at a time: as many as fit in a commit, so that a full commit
 * need not wait for more works.
 */
const AT_ONCE = 256;
/** Pause before a message is returned, or sent again, after a failure. */
const PAUSE_MS = 1_000;

/**
 * One service's server for RabbitMQ, made safe: Nest starts and closes it, and its queue delivers the messages. A message is
 * acknowledged only when its effect, its dead letter or its place in a retry queue is durable. So it may be delivered
 * again, and its inbox mark then identifies it.
 */
export class RabbitServer extends ServerRMQ implements Receiver {
  #handlers: MessageHandlers = new Map();
  #consumer: Consumer | undefined;
  #consuming: { channel: Channel; tags: string[]; acknowledgements: Acknowledgements } | undefined;
  #active = 0;
  #idle: (() => void) | undefined;
  #drained: Promise<void> | undefined;
  /** Set on draining: resolves when no more messages are delivered. */
  #cancelled: Promise<unknown> | undefined;
  readonly #redelivery: RedeliveryPolicy;
  /** Undefined if the service gets no messages with a key. */
  readonly #ordered: OrderedConsumer | undefined;
  readonly #delay = new StandingDelay();
  #state: 'listening' | 'draining' = 'listening';

  constructor(private readonly of: RabbitServerOptions) {
    super({ noAck: false });
    this.#redelivery = new RedeliveryPolicy(of.client, of.topology, of.service, of.process);
    if (of.topology.ordered.includes(of.service))
      this.#ordered = new OrderedConsumer({
        ...of,
        opened: () => of.client.opened(),
        handle: (message) => this.#bound().consume(message, this.#handlers.get(message.type), { inPlace: true }),
        keepUnreadable: (delivery, reason) => this.#keepUnreadable(delivery, reason),
      });
  }

  bind(consumer: Consumer, handlers: MessageHandlers): void {
    this.#consumer = consumer;
    this.#handlers = handlers;
  }

  /** The others wait at the broker. */
  readonly waiting = 0;

  get waitMs(): number {
    return this.#delay.ms;
  }

  override listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.#checkSubscriptions();
    } catch (error) {
      callback(error);
      return Promise.resolve();
    }
    this.of.broker.channel((channel) => this.#consume(channel));
    this.#ordered?.listen();
    callback();
    return Promise.resolve();
  }

  async drain(): Promise<void> {
    this.#state = 'draining';
    const ordered = this.#ordered?.drain();
    const { channel, tags = [] } = this.#consuming ?? {};
    // A closed channel has no consumers, and the broker has its messages again.
    this.#cancelled ??= Promise.all(channel === undefined ? [] : tags.map((tag) => channel.cancel(tag)));
    await this.#cancelled.catch(() => undefined);
    if (this.#active > 0) await (this.#drained ??= new Promise<void>((idle) => (this.#idle = idle)));
    this.#consuming?.acknowledgements.flush();
    this.#consuming = undefined;
    await ordered;
  }

  override close(): Promise<void> {
    return this.drain(); // Its channel closes with its connection.
  }

  /** Begins only when messages can be sent, too, because handling a message sends others. */
  async #consume(channel: Channel): Promise<void> {
    const { service, topology, prefetch } = this.of;
    const closed = new Promise<'closed'>((gone) => channel.once('close', () => gone('closed')));
    const first = await Promise.race([this.of.client.opened(), closed]);
    if (first === 'closed') return;
    await markHosted(channel, topology, service);
    if (this.#state === 'draining') return;
    const tags: string[] = [];
    const acknowledgements = new Acknowledgements(channel, prefetch);
    this.#consuming = { channel, tags, acknowledgements };
    const queues: [string, number, (delivery: ConsumeMessage) => Promise<void>][] = [
      [queueOf(topology.prefix, service), prefetch, (delivery) => this.#handle(delivery)],
      [deadQueueOf(topology.prefix, service), 1, (delivery) => this.#handleAlone(delivery)],
    ];
    for (const [queue, most, take] of queues) {
      await channel.prefetch(most); // Applies to the consumer that is created next.
      const { consumerTag } = await channel.consume(queue, (delivery) => {
        // The broker has cancelled the consumer: the queue was deleted, and a new connection declares it again; or, from 4.3
        // on, a message was held for longer than the consumer timeout, as during an outage of the store of half an hour.
        if (delivery === null) this.of.broker.renew();
        else void this.#settle(acknowledgements, delivery, most, take);
      });
      tags.push(consumerTag);
    }
  }

  async #settle(
    acknowledgements: Acknowledgements,
    delivery: ConsumeMessage,
    most: number,
    take: (delivery: ConsumeMessage) => Promise<void>,
  ): Promise<void> {
    this.#active += 1;
    acknowledgements.received();
    await take(delivery).then(
      () => acknowledgements.ack(delivery, most === 1),
      // The process stops, or the broker does not answer: the next receiver handles it. After a pause, as it may be this one.
      async () => {
        await (this.#cancelled ?? pause(PAUSE_MS)).catch(() => undefined);
        acknowledgements.requeue(delivery);
      },
    );
    this.#active -= 1;
    if (this.#active === 0) this.#idle?.();
  }

  async #handle(delivery: ConsumeMessage): Promise<void> {
    const received = decode(delivery);
    if (!received.readable) return this.#keepUnreadable(delivery, received.reason);
    const { messages } = received;
    const { redelivered } = delivery.fields;
    this.#observe(messages, delivery);
    // One of them may have ended a process: each is sent separately from now on, so that it cannot affect the others.
    if (redelivered && (await this.#redelivery.sendOn(messages, delivery))) return;
    const atOnce = redelivered ? 1 : AT_ONCE;
    for (let from = 0; from < messages.length; from += atOnce)
      await this.#consumeAll(messages.slice(from, from + atOnce), delivery);
  }

  /**
   * Ignores redelivered messages and those that waited for their next attempt: their delay has another cause than this
   * queue.
   */
  #observe(messages: readonly Message[], delivery: ConsumeMessage): void {
    const [message] = messages;
    if (message === undefined || delivery.fields.redelivered || countIn(delivery, FAILURES) > 0) return;
    this.#delay.observe(Date.now() - Date.parse(message.at), messages.length);
  }

  /** If one fails, the whole bundle is delivered again, and inbox marks identify those that were handled. */
  async #consumeAll(messages: readonly Message[], delivery: ConsumeMessage): Promise<void> {
    const before = { failures: countIn(delivery, FAILURES), history: attemptsOf(delivery) };
    const ended = await Promise.allSettled(messages.map((message) => this.#consumeOne(message, before)));
    const failed = ended.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #consumeOne(message: Message, before: Pick<DeliveryContext, 'failures' | 'history'>): Promise<void> {
    const defer = (deferral: Deferral): Promise<void> => this.#putAside(message, deferral);
    return this.#bound().consume(message, this.#handlers.get(message.type), { ...before, defer });
  }

  /** Handles one message at a time: it may have ended its process before. */
  async #handleAlone(delivery: ConsumeMessage): Promise<void> {
    const received = decode(delivery);
    if (!received.readable) return this.#keepUnreadable(delivery, received.reason);
    const { messages } = received;
    const trial = await this.#whenTaken(() => this.#redelivery.tryAlone(messages, delivery));
    if (trial === 'handle') return this.#consumeAll(messages, delivery);
    if (trial === 'sent on') return;
    const reason = 'the process ended each time it handled this message alone';
    await Promise.all(messages.map((message) => this.#deadLetter(message, reason, MAX_CRASHES)));
  }

  /** Repeats until the broker accepts it, or the process stops; meanwhile, nothing else of that queue is handled. */
  async #whenTaken<T>(send: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof DeliveryRejectedError) || this.#state === 'draining') throw error;
        await pause(PAUSE_MS, undefined, { ref: false }); // Does not keep a process that has nothing else to do.
      }
    }
  }

  /** Stores it unchanged as a dead letter; a message that is too long for that is moved to a queue that nobody consumes. */
  async #keepUnreadable(delivery: ConsumeMessage, reason: string): Promise<void> {
    const { service, topology, client } = this.of;
    if (delivery.content.length <= READABLE) return this.#deadLetter(this.#unreadable(delivery), reason, 0);
    const queue = parkedQueueOf(topology.prefix, service);
    await this.#whenTaken(() => client.moveInto(queue, delivery));
    const bytes = delivery.content.length;
    const stub = this.#unreadable({ ...delivery, content: Buffer.alloc(0) });
    await this.#deadLetter({ ...stub, data: { bytes, queue } }, `${reason}; it is in ${queue}`, 0);
  }

  async #deadLetter(message: Message, reason: string, attempts: number): Promise<void> {
    const handler = this.#handlers.get(message.type)?.handler ?? `${this.of.service}/none`;
    await this.#bound().deadLetter(message, handler, reason, attempts);
  }

  /** Moves it to the retry queue whose messages return after this delay or a little later; it delays no other message. */
  #putAside(message: Message, { failures, history, delayMs, reason }: Deferral): Promise<void> {
    const { client, topology, service } = this.of;
    const delay = RETRY_DELAYS_MS.find((ms) => ms >= delayMs) ?? RETRY_DELAYS_MS[1];
    const headers = { [FAILURES]: failures, [REASON]: reason.slice(0, 500), ...attemptsHeader(history) };
    return client.putInto(retryQueueOf(topology.prefix, service, delay), message, headers);
  }

  /** A message that cannot be decoded, with its bytes, for an operator. */
  #unreadable({ content, properties, fields }: ConsumeMessage): Message {
    return {
      id: newId(),
      type: 'unreadable',
      kind: 'event',
      source: String(properties.appId ?? 'unknown'),
      correlationId: String(properties.messageId ?? newId()),
      at: new Date().toISOString(),
      data: {
        content: content.toString('base64'),
        exchange: fields.exchange,
        routingKey: fields.routingKey,
      },
    };
  }

  #bound(): Consumer {
    if (this.#consumer === undefined) throw new Error(`there is no consumer for the messages of ${this.of.service}`);
    return this.#consumer;
  }

  /** The events that a service handles and the bindings of its queue must agree, or events would be lost or given up. */
  #checkSubscriptions(): void {
    const { service, topology } = this.of;
    const keyed = [...this.#handlers.values()].flatMap(({ contract }) =>
      contract?.key === undefined ? [] : contract.type,
    );
    if (keyed.length > 0 && this.#ordered === undefined)
      throw new BrokerError(
        'MESSAGING.SUBSCRIPTIONS',
        `${service} handles ${keyed.join(', ')}, which have a key, and has no queues for such messages: ` +
          `list it as \`ordered\` in the definition of the system.`,
      );
    const declared = new Set(topology.subscriptions[service] ?? []);
    const handled = [...this.#handlers.values()].flatMap(({ contract }) =>
      contract?.kind === 'event' ? [contract.type] : [],
    );
    const unbound = handled.filter((type) => !declared.has(type));
    const unhandled = [...declared].filter((type) => !handled.includes(type));
    if (unbound.length === 0 && unhandled.length === 0) return;
    throw new BrokerError(
      'MESSAGING.SUBSCRIPTIONS',
      `${service} handles ${handled.join(', ') || 'no events'}, and the \`subscriptions\` of the system's definition say ` +
        `${[...declared].join(', ') || 'none'}: list there exactly what the service handles.`,
    );
  }
}
