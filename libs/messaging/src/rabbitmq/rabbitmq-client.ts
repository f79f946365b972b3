import { ClientRMQ, type ReadPacket } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';
import type { ConfirmChannel, ConsumeMessage, Options } from 'amqplib';
import { DeliveryRejectedError, UndeliverableError } from '../publisher.js';
import type { BrokerConnection } from './broker-connection.js';
import { type Bundle, Bundler } from './bundler.js';
import { wordsOf } from './errors.js';
import { type Declared, eventsExchange, isSubscribed, queueOf, type Topology } from './topology.js';
import { PendingConfirms } from './pending-confirms.js';
import { encode, LONGEST, propertiesOf } from './wire.js';

/** A confirm that has not come by then never will, as after a lost connection: what became of the message is unknown. */
const CONFIRM_WITHIN_MS = 10_000;
/** How often queues and bindings are declared again: one that somebody has deleted loses events no longer. */
const DECLARE_EVERY_MS = 15_000;

/** Where a message goes, and whether it must arrive in a queue there. */
interface Way {
  readonly exchange: string;
  readonly key: string;
  readonly mandatory: boolean;
  /** Nobody here knows such a service: a message that no queue takes never will be taken. */
  readonly unknown: boolean;
}

/**
 * Nest's sending side for RabbitMQ, made safe. A message is persistent, and taken only once the broker has confirmed it,
 * in a queue; it rejects at once while there is no connection, as it has its outbox to wait in, and nothing is buffered.
 */
export class RabbitClient extends ClientRMQ {
  #channel: ConfirmChannel | undefined;
  readonly #pendingConfirms = new PendingConfirms();
  /** By exchange and routing key. */
  readonly #bundlers = new Map<string, Bundler>();
  readonly #opening = new Set<() => void>();
  #declared: Declared = { parked: new Map() };
  #declaring: Promise<void> | undefined;
  readonly #timer: NodeJS.Timeout;
  #unroutable = 0;
  /** Something that is to take messages was found missing: what is sent before all is there again may miss the rest of it. */
  #incomplete = false;

  constructor(
    private readonly broker: BrokerConnection,
    private readonly topology: Topology,
  ) {
    super({});
    broker.channel((channel) => this.#setUp(channel as ConfirmChannel), true);
    this.#timer = setInterval(() => void this.#declareAgain(), DECLARE_EVERY_MS).unref();
  }

  /** Messages that no queue took, so far. */
  get unroutable(): number {
    return this.#unroutable;
  }

  /** Why nothing can be sent now; none: it can. */
  get trouble(): string | undefined {
    if (this.broker.trouble !== undefined) return this.broker.trouble;
    if (this.#channel === undefined) return 'not set up yet';
    return this.#incomplete ? 'queues or bindings were deleted and are being declared again' : undefined;
  }

  /** What lies where nobody looks after it; none: nothing does. */
  get parked(): string | undefined {
    const counts = [...this.#declared.parked].map(([queue, count]) => `${count} in ${queue}`);
    return counts.length === 0 ? undefined : `messages that could not be read: ${counts.join(', ')}`;
  }

  override connect(): Promise<void> {
    return Promise.resolve(); // By the broker connection, again and again.
  }

  override close(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve(); // It closes with its connection.
  }

  /** Resolves once there is a channel to publish on; it may be blocked. */
  opened(): Promise<void> {
    return this.#channel === undefined ? new Promise((opened) => this.#opening.add(opened)) : Promise.resolve();
  }

  /** What `emit` comes to, without an observable for each message. */
  dispatch(message: Message): Promise<void> {
    return this.dispatchEvent({ pattern: message.type, data: message });
  }

  /** A command or reply goes to its service's queue and must arrive in it; an event to whoever subscribed. */
  protected override async dispatchEvent<T>({ data: message }: ReadPacket<Message>): Promise<T> {
    const written = { message, json: JSON.stringify(message) };
    const bytes = Buffer.byteLength(written.json);
    if (bytes > LONGEST) throw new UndeliverableError(`it has ${bytes} bytes; a message may have at most ${LONGEST}`);
    return this.#bundler(this.#wayOf(message)).add(written) as Promise<T>;
  }

  /** Puts a message into a queue by itself. */
  putInto(queue: string, message: Message, headers?: Record<string, unknown>): Promise<void> {
    return this.#send(straightTo(queue), [{ message, json: JSON.stringify(message) }], headers);
  }

  /** Puts what came from the broker into another queue, unread. */
  moveInto(queue: string, { content, properties }: ConsumeMessage): Promise<void> {
    const messageId = String(properties.messageId ?? '');
    return this.#publish(straightTo(queue), messageId, content, { ...properties, messageId, persistent: true });
  }

  #wayOf({ target, type }: Message): Way {
    const { prefix, services } = this.topology;
    if (target !== undefined) return { ...straightTo(queueOf(prefix, target)), unknown: !services.includes(target) };
    const mandatory = isSubscribed(this.topology, type);
    return { exchange: eventsExchange(prefix), key: type, mandatory, unknown: false };
  }

  #bundler(way: Way): Bundler {
    const name = `${way.exchange} ${way.key}`;
    let bundler = this.#bundlers.get(name);
    if (bundler === undefined) {
      bundler = new Bundler((bundle) => this.#send(way, bundle));
      // Names of services that there are not come from outside: no end of them is remembered.
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

  /** At most once at a time; where it fails, the next time tells. */
  #declareAgain(): Promise<void> {
    if (this.#channel === undefined || this.broker.trouble !== undefined) return Promise.resolve();
    this.#declaring ??= this.broker
      .declare(this.topology)
      .then(
        (declared) => void (this.#declared = declared),
        (error: unknown) => this.broker.failed(`queues and bindings could not be declared again: ${wordsOf(error)}`),
      )
      .finally(() => (this.#declaring = undefined));
    return this.#declaring;
  }

  /** The declaring that is under way may have passed by what is missing: the one after it is needed. */
  async #completed(): Promise<void> {
    await this.#declaring;
    await this.#declareAgain();
    this.#incomplete = false;
  }

  #send(way: Way, bundle: Bundle, headers?: Record<string, unknown>): Promise<void> {
    return this.#publish(way, bundle[0].message.id, encode(bundle), propertiesOf(bundle, headers));
  }

  /** What must arrive in a queue and is taken by none comes back, before its confirm. */
  #publish(way: Way, id: string, content: Buffer, options: Options.Publish): Promise<void> {
    const channel = this.#channel;
    const trouble = this.trouble;
    if (channel === undefined || trouble !== undefined)
      return Promise.reject(new DeliveryRejectedError(`the broker accepts no messages now: ${trouble ?? ''}`));
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
