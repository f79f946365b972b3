import type { Channel, ConsumeMessage } from 'amqplib';

/**
 * Acknowledges a channel's messages a turn of the event loop later, those at the front in one frame: an acknowledgement
 * is work on disk for a quorum queue. One that takes long holds up nobody else's.
 */
export class Acknowledgements {
  /** Every tag below is settled; the broker counts them from 1, channel by channel. */
  #front = 1;
  readonly #done = new Map<number, ConsumeMessage>();
  /** Settled ahead of the front. */
  readonly #settled = new Set<number>();
  #scheduled = false;

  constructor(private readonly channel: Channel) {}

  ack(delivery: ConsumeMessage): void {
    this.#done.set(delivery.fields.deliveryTag, delivery);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Gives a message back, to be handed out again. */
  requeue(delivery: ConsumeMessage): void {
    this.#settled.add(delivery.fields.deliveryTag);
    this.#tell(() => this.channel.nack(delivery, false, true));
  }

  flush(): void {
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
