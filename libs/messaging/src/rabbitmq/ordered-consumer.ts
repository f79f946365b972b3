import type { Message } from '@seam/kernel';
import type { Channel, ConsumeMessage } from 'amqplib';
import { setTimeout as pause } from 'node:timers/promises';
import { Acknowledgements } from './acknowledgements.js';
import type { BrokerConnection } from './broker-connection.js';
import { orderedQueueOf, PARTITIONS, type Topology } from './topology.js';
import { decode } from './wire.js';

export interface OrderedConsumerOptions {
  readonly service: string;
  readonly broker: BrokerConnection;
  readonly topology: Topology;
  /** Resolves when messages can be sent, which handling needs. */
  readonly opened: () => Promise<void>;
  /** Resolves once its effect or its dead letter is durable; it is called again after it has rejected. */
  readonly handle: (message: Message) => Promise<void>;
  /** Resolves once a delivery that is no message is stored. */
  readonly keepUnreadable: (delivery: ConsumeMessage, reason: string) => Promise<void>;
}

/** Maximum number of unacknowledged broker messages of one queue. */
const PREFETCH = 32;
/** Pause after a message was rejected without an outcome. */
const PAUSE_MS = 1_000;

/**
 * Consumes the messages with a key of one service: each queue is consumed by one process at a time, which gets its messages
 * in their order, and handles those of one key one after the other. A message that fails is tried again in its place. Nothing
 * is returned to a queue by itself, as later ones would overtake it: if the process ends or its connection is lost, the
 * broker has all of them again, in their order. So the next process begins with those that may be unfinished here, and the
 * inbox marks identify those that are done; what is still in progress here keeps its order, too.
 */
export class OrderedConsumer {
  /** By key: settles when the last message of that key that was received here has ended. */
  readonly #lanes = new Map<string, Promise<void>>();
  #consuming: { channel: Channel; acknowledgements: Acknowledgements } | undefined;
  #active = 0;
  #draining = false;
  #idle: (() => void) | undefined;

  constructor(private readonly options: OrderedConsumerOptions) {}

  listen(): void {
    this.options.broker.channel((channel) => this.#consume(channel));
  }

  /**
   * Begins no further message, waits for those in progress, and closes the channel. A consumer that was only cancelled would
   * let another process have later messages while the earlier ones are still held here.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    if (this.#active > 0) await new Promise<void>((idle) => (this.#idle = idle));
    await new Promise((next) => setImmediate(next)); // Those that have just ended are acknowledged first.
    const consuming = this.#consuming;
    this.#consuming = undefined;
    consuming?.acknowledgements.flush();
    if (consuming !== undefined) await this.options.broker.release(consuming.channel);
  }

  async #consume(channel: Channel): Promise<void> {
    const { service, topology, broker, opened } = this.options;
    const closed = new Promise<'closed'>((gone) => channel.once('close', () => gone('closed')));
    if ((await Promise.race([opened(), closed])) === 'closed' || this.#draining) return;
    // Tags are counted by the channel, so one object has to see them all.
    const acknowledgements = new Acknowledgements(channel, PARTITIONS * PREFETCH);
    this.#consuming = { channel, acknowledgements };
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      await channel.prefetch(PREFETCH); // Applies to the consumer that is created next.
      await channel.consume(orderedQueueOf(topology.prefix, service, partition), (delivery) => {
        if (delivery === null) broker.renew();
        else void this.#take(delivery, acknowledgements);
      });
    }
  }

  async #take(delivery: ConsumeMessage, acknowledgements: Acknowledgements): Promise<void> {
    acknowledgements.received();
    const received = decode(delivery);
    if (received.readable) await Promise.all(received.messages.map((message) => this.#afterEarlier(message)));
    else await this.#untilDone(() => this.options.keepUnreadable(delivery, received.reason));
    acknowledgements.ack(delivery);
  }

  #afterEarlier(message: Message): Promise<void> {
    const key = message.key ?? message.id;
    const before = this.#lanes.get(key) ?? Promise.resolve();
    const handled = before.then(() => this.#untilDone(() => this.options.handle(message)));
    this.#lanes.set(key, handled);
    return handled.then(() => {
      if (this.#lanes.get(key) === handled) this.#lanes.delete(key);
    });
  }

  async #hasEnded(run: () => Promise<void>): Promise<boolean> {
    this.#active += 1;
    try {
      await run();
      return true;
    } catch {
      return false;
    } finally {
      this.#active -= 1;
      if (this.#active === 0) this.#idle?.();
    }
  }

  /** Never settles if the process stops before: then the message is still unacknowledged when the channel closes. */
  async #untilDone(run: () => Promise<void>): Promise<void> {
    while (!this.#draining) {
      if (await this.#hasEnded(run)) return;
      await pause(PAUSE_MS, undefined, { ref: false });
    }
    await new Promise<never>(() => undefined);
  }
}
