import type { Channel, ConsumeMessage } from 'amqplib';

/**
 * How long a settled message may wait to be acknowledged together with others, ms. If the process dies within that time,
 * the message is redelivered, and its inbox mark identifies it.
 */
export const HOLD_MS = 10;

/**
 * Acknowledges a channel's messages with a delay, consecutive ones in one frame: for a quorum queue an acknowledgement is
 * a write to its log, with an fsync that the next message waits for. While the consumer has less than half of its prefetch
 * in progress, nothing waits for acknowledgements, and they are collected for {@link HOLD_MS}; otherwise for one turn of the
 * event loop. A message that takes long does not delay the others.
 */
export class Acknowledgements {
  /** Every tag below is settled; the broker counts them from 1, channel by channel. */
  #nextTag = 1;
  readonly #done = new Map<number, ConsumeMessage>();
  /** Settled tags above the next one. */
  readonly #settled = new Set<number>();
  #unsettled = 0;
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(
    private readonly channel: Channel,
    /** Maximum number of unacknowledged messages. */
    private readonly prefetch: number,
  ) {}

  /** Must be called for each message that is delivered. */
  received(): void {
    this.#unsettled += 1;
  }

  /** `alone`: the consumer gets its next message only after this one is acknowledged. */
  ack(delivery: ConsumeMessage, alone = false): void {
    this.#done.set(delivery.fields.deliveryTag, delivery);
    if (alone || 2 * this.#unsettled > this.prefetch) this.#soon ??= setImmediate(() => this.flush());
    else this.#later ??= setTimeout(() => this.flush(), HOLD_MS);
  }

  /** Returns a message to the broker, to be delivered again. */
  requeue(delivery: ConsumeMessage): void {
    this.#unsettled -= 1;
    this.#settled.add(delivery.fields.deliveryTag);
    this.#send(() => this.channel.nack(delivery, false, true));
  }

  flush(): void {
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
    [this.#soon, this.#later] = [undefined, undefined];
    this.#unsettled -= this.#done.size;
    let last: ConsumeMessage | undefined;
    for (; this.#done.has(this.#nextTag) || this.#settled.has(this.#nextTag); this.#nextTag += 1) {
      last = this.#done.get(this.#nextTag) ?? last;
      this.#done.delete(this.#nextTag);
      this.#settled.delete(this.#nextTag);
    }
    const upTo = last;
    if (upTo !== undefined) this.#send(() => this.channel.ack(upTo, true));
    for (const [tag, delivery] of this.#done) {
      this.#settled.add(tag);
      this.#send(() => this.channel.ack(delivery));
    }
    this.#done.clear();
  }

  /** If the channel has closed since, the broker delivers the messages again, and their inbox marks identify them. */
  #send(settle: () => void): void {
    try {
      settle();
    } catch {
      // The channel is closed: nothing to do.
    }
  }
}
