import type { Channel, ConsumeMessage } from 'amqplib';

/**
 * How long a message that is settled may wait for others to be acknowledged with it, ms. So long it comes again, too,
 * where the process dies: its inbox mark tells.
 */
export const HOLD_MS = 10;

/**
 * Acknowledges a channel's messages a little later, those at the front in one frame: for a quorum queue an
 * acknowledgement is a write to its log, with an fsync that the next message would wait for. While the consumer holds
 * less than half of what the broker hands it, nothing waits for an acknowledgement, and they are gathered for
 * {@link HOLD_MS}; beyond that, for a turn of the event loop. One that takes long holds up nobody else's.
 */
export class Acknowledgements {
  /** Every tag below is settled; the broker counts them from 1, channel by channel. */
  #front = 1;
  readonly #done = new Map<number, ConsumeMessage>();
  /** Settled ahead of the front. */
  readonly #settled = new Set<number>();
  #unsettled = 0;
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(
    private readonly channel: Channel,
    /** The most messages that the broker hands out before one is acknowledged. */
    private readonly prefetch: number,
  ) {}

  /** To be called for each message that comes, whatever becomes of it. */
  received(): void {
    this.#unsettled += 1;
  }

  /** `alone`: its consumer gets no other message before. */
  ack(delivery: ConsumeMessage, alone = false): void {
    this.#done.set(delivery.fields.deliveryTag, delivery);
    if (alone || 2 * this.#unsettled > this.prefetch) this.#soon ??= setImmediate(() => this.flush());
    else this.#later ??= setTimeout(() => this.flush(), HOLD_MS);
  }

  /** Gives a message back, to be handed out again. */
  requeue(delivery: ConsumeMessage): void {
    this.#unsettled -= 1;
    this.#settled.add(delivery.fields.deliveryTag);
    this.#tell(() => this.channel.nack(delivery, false, true));
  }

  flush(): void {
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
    [this.#soon, this.#later] = [undefined, undefined];
    this.#unsettled -= this.#done.size;
    let last: ConsumeMessage | undefined;
    for (; this.#done.has(this.#front) || this.#settled.has(this.#front); this.#front += 1) {
      last = this.#done.get(this.#front) ?? last;
      this.#done.delete(this.#front);
      this.#settled.delete(this.#front);
    }
    const upTo = last;
    if (upTo !== undefined) this.#tell(() => this.channel.ack(upTo, true));
    for (const [tag, delivery] of this.#done) {
      this.#settled.add(tag);
      this.#tell(() => this.channel.ack(delivery));
    }
    this.#done.clear();
  }

  /** A channel that has closed since: the broker hands the messages out again, and their marks tell. */
  #tell(settle: () => void): void {
    try {
      settle();
    } catch {
      // Nothing is left to do on it.
    }
  }
}
