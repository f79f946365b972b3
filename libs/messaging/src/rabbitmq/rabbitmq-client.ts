import { ClientRMQ, type ReadPacket } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';
import type { ConfirmChannel, ConsumeMessage, Options } from 'amqplib';
import { DeliveryRejectedError, UndeliverableError } from '../publisher.js';
import type { BrokerConnection } from './broker-connection.js';
import { type Bundle, Bundler } from './bundler.js';
import { wordsOf } from './errors.js';
import {
  NOTHING_DECLARED,
  eventsExchange,
  orderedExchange,
  orderedQueueOf,
  partitionOf,
  queueOf,
  subscribersOf,
  type Topology,
} from './topology.js';
import { PendingConfirms } from './pending-confirms.js';
import { encode, LONGEST, propertiesOf } from './wire.js';

/** A confirm that is later than this never comes, as after a lost connection: the message's outcome is unknown then. */
const CONFIRM_WITHIN_MS = 10_000;
/** How often queues and bindings are declared again: until then, a deleted one loses events. */
const DECLARE_EVERY_MS = 15_000;

const TO_LIST = 'give its contract the key, or list the service as `ordered` in the definition of the system';

/** Where a message goes, and whether it must arrive in a queue there. */
interface Way {
  readonly exchange: string;
  readonly key: string;
  readonly mandatory: boolean;
  /** There is no service of this name: a message without a queue will never be accepted. */
  readonly unknown: boolean;
}

/**
 * Nest's client for RabbitMQ, made safe. Messages are persistent, and sending resolves only when the broker has confirmed
 * that a queue has the message. Without a connection it rejects at once; nothing is buffered, as messages wait in their
 * outbox.
 */
export class RabbitClient extends ClientRMQ {
  #channel: ConfirmChannel | undefined;
  readonly #pendingConfirms = new PendingConfirms();
  /** By exchange and routing key. */
  readonly #bundlers = new Map<string, Bundler>();
  readonly #opening = new Set<() => void>();
  #declared = NOTHING_DECLARED;
  #declaring: Promise<void> | undefined;
  readonly #timer: NodeJS.Timeout;
  #unroutable = 0;
  /** A queue was found missing: messages sent before everything is declared again may miss other missing queues. */
  #incomplete = false;

  constructor(
    private readonly broker: BrokerConnection,
    private readonly topology: Topology,
  ) {
    super({});
    broker.channel((channel) => this.#setUp(channel as ConfirmChannel), true);
    this.#timer = setInterval(() => void this.#declareAgain(), DECLARE_EVERY_MS).unref();
  }

  /** Number of messages so far that were not routed to any queue. */
  get unroutable(): number {
    return this.#unroutable;
  }

  /** Why nothing can be sent now; undefined: messages can be sent. */
  get unavailableReason(): string | undefined {
    if (this.broker.unavailableReason !== undefined) return this.broker.unavailableReason;
    if (this.#channel === undefined) return 'not set up yet';
    return this.#incomplete ? 'queues or bindings were deleted and are being declared again' : undefined;
  }

  /** Messages in queues that nobody consumes; undefined: there are none. */
  get parked(): string | undefined {
    const counts = [...this.#declared.parked].map(([queue, count]) => `${count} in ${queue}`);
    return counts.length === 0 ? undefined : `messages that could not be read: ${counts.join(', ')}`;
  }

  /** Number of messages that wait for services that were never hosted, by service. */
  get unhosted(): ReadonlyMap<string, number> {
    return this.#declared.unhosted;
  }

  /** Which services were never hosted and have as many messages as they may have; undefined: there are none. */
  get full(): string | undefined {
    const names = [...this.#declared.full].join(', ');
    return names === '' ? undefined : `never hosted, so that no more events are kept for them: ${names}`;
  }

  override connect(): Promise<void> {
    return Promise.resolve(); // The broker connection connects, and reconnects.
  }

  override close(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve(); // It closes with its connection.
  }

  /** Resolves once there is a channel to publish on; it may be blocked. */
  opened(): Promise<void> {
    return this.#channel === undefined ? new Promise((opened) => this.#opening.add(opened)) : Promise.resolve();
  }

  /** The same as `emit`, without an Observable for each message. */
  dispatch(message: Message): Promise<void> {
    return this.dispatchEvent({ pattern: message.type, data: message });
  }

  /** A command or reply goes to its service's queue and must arrive in it; an event goes to all subscribers. */
  protected override async dispatchEvent<T>({ data: message }: ReadPacket<Message>): Promise<T> {
    const written = { message, json: JSON.stringify(message) };
    const bytes = Buffer.byteLength(written.json);
    if (bytes > LONGEST) throw new UndeliverableError(`it has ${bytes} bytes; a message may have at most ${LONGEST}`);
    return this.#bundler(this.#wayOf(message)).add(written) as Promise<T>;
  }

  /** Puts a single message into a queue. */
  putInto(queue: string, message: Message, headers?: Record<string, unknown>): Promise<void> {
    return this.#send(straightTo(queue), [{ message, json: JSON.stringify(message) }], headers);
  }

  /** Puts a message of the broker into another queue, without decoding it. */
  moveInto(queue: string, { content, properties }: ConsumeMessage): Promise<void> {
    const messageId = String(properties.messageId ?? '');
    return this.#publish(straightTo(queue), messageId, content, { ...properties, messageId, persistent: true });
  }

  #wayOf(message: Message): Way {
    const { target, type, key } = message;
    const { prefix, services, unhostedLimit } = this.topology;
    if (target !== undefined && this.#declared.full.has(target))
      throw new DeliveryRejectedError(
        `${target} was never hosted, and ${unhostedLimit} messages wait for it already: host it, then they are sent`,
      );
    if (key !== undefined && (target === undefined || services.includes(target))) return this.#orderedWay(message, key);
    if (target !== undefined) return { ...straightTo(queueOf(prefix, target)), unknown: !services.includes(target) };
    const mandatory = this.#isKept(subscribersOf(this.topology, type));
    return { exchange: eventsExchange(prefix), key: type, mandatory, unknown: false };
  }

  /** Whether the queue of any of these services is bound to the events that it subscribes to. */
  #isKept(subscribers: readonly string[]): boolean {
    return subscribers.some((service) => !this.#declared.full.has(service));
  }

  #orderedWay({ target, type }: Message, key: string): Way {
    const { prefix, ordered } = this.topology;
    const receivers = target === undefined ? subscribersOf(this.topology, type) : [target];
    const others = receivers.filter((service) => !ordered.includes(service));
    if (others.length > 0)
      throw new UndeliverableError(`it has a key, and ${others.join(', ')} has no queue for such messages: ${TO_LIST}`);
    const partition = partitionOf(key);
    if (target !== undefined) return straightTo(orderedQueueOf(prefix, target, partition));
    const exchange = orderedExchange(prefix, partition);
    return { exchange, key: type, mandatory: this.#isKept(receivers), unknown: false };
  }

  #bundler(way: Way): Bundler {
    const name = `${way.exchange} ${way.key}`;
    let bundler = this.#bundlers.get(name);
    if (bundler === undefined) {
      bundler = new Bundler((bundle) => this.#send(way, bundle));
      // Names of unknown services come from outside: they are not kept, as their number has no limit.
      if (!way.unknown) this.#bundlers.set(name, bundler);
    }
    return bundler;
  }

  async #setUp(channel: ConfirmChannel): Promise<void> {
    channel.on('return', ({ properties }) => this.#pendingConfirms.returned(String(properties.messageId)));
    channel.on('close', () => {
      if (this.#channel === channel) this.#channel = undefined;
      this.#pendingConfirms.rejectAll(
        new DeliveryRejectedError('the connection to the broker was lost before it confirmed'),
      );
    });
    this.#declared = await this.broker.declare(this.topology);
    this.#channel = channel;
    for (const opened of this.#opening) opened();
    this.#opening.clear();
  }

  /** Runs once at a time; after a failure it runs again at its next time. */
  #declareAgain(): Promise<void> {
    if (this.#channel === undefined || this.broker.unavailableReason !== undefined) return Promise.resolve();
    this.#declaring ??= this.broker
      .declare(this.topology)
      .then(
        (declared) => void (this.#declared = declared),
        (error: unknown) => this.broker.failed(`queues and bindings could not be declared again: ${wordsOf(error)}`),
      )
      .finally(() => (this.#declaring = undefined));
    return this.#declaring;
  }

  /** A declaration in progress may have passed the missing queue already, so one more is needed. */
  async #completed(): Promise<void> {
    await this.#declaring;
    await this.#declareAgain();
    this.#incomplete = false;
  }

  #send(way: Way, bundle: Bundle, headers?: Record<string, unknown>): Promise<void> {
    return this.#publish(way, bundle[0].message.id, encode(bundle), propertiesOf(bundle, headers));
  }

  /** A mandatory message that is not routed to any queue is returned before its confirm. */
  #publish(way: Way, id: string, content: Buffer, options: Options.Publish): Promise<void> {
    const channel = this.#channel;
    const unavailableReason = this.unavailableReason;
    if (channel === undefined || unavailableReason !== undefined)
      return Promise.reject(
        new DeliveryRejectedError(`the broker accepts no messages now: ${unavailableReason ?? ''}`),
      );
    return this.#pendingConfirms.track(id, CONFIRM_WITHIN_MS, (sent) => {
      channel.publish(way.exchange, way.key, content, { ...options, mandatory: way.mandatory }, (error: unknown) => {
        if (error !== null && error !== undefined) sent.end(new DeliveryRejectedError('the broker refused it'));
        else if (sent.returned) sent.end(this.#noQueue(way));
        else sent.end();
      });
    });
  }

  #noQueue({ key, unknown }: Way): Error {
    this.#unroutable += 1;
    const reason = `there is no queue ${key}`;
    if (unknown) return new UndeliverableError(`${reason}, and no service of that name`);
    this.#incomplete = true;
    void this.#completed();
    return new DeliveryRejectedError(reason);
  }
}

const straightTo = (queue: string): Way => ({ exchange: '', key: queue, mandatory: true, unknown: false });
