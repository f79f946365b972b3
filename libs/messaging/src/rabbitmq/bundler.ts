import type { Message } from '@seam/kernel';

/** A message with its JSON, which is written once. */
export interface Written {
  readonly message: Message;
  readonly json: string;
}

export type Bundle = readonly [Written, ...Written[]];

/** Sends several messages as one; resolves once the broker has them all. */
export type SendBundle = (bundle: Bundle) => Promise<void>;

export interface BundleLimits {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * What comes again together when a process dies over one of them, and what is in memory at a time: a receiver is handed
 * many of them.
 */
const LIMITS: BundleLimits = { messages: 32, bytes: 256 * 1024 };

interface Open {
  readonly written: [Written, ...Written[]];
  bytes: number;
  readonly sent: Promise<void>;
}

/**
 * Gathers the messages that leave for one place within a turn of the event loop: commits come in batches, so their
 * messages do, and a broker is busy per message rather than per byte. A message that is alone goes alone.
 */
export class Bundler {
  #open: Open | undefined;

  constructor(
    private readonly send: SendBundle,
    private readonly limits: BundleLimits = LIMITS,
  ) {}

  /** Settles as the bundle does that the message leaves in. */
  add(written: Written): Promise<void> {
    const bytes = Buffer.byteLength(written.json);
    const bundle = this.#open;
    if (bundle === undefined || bundle.bytes + bytes > this.limits.bytes) return this.#begin(written, bytes);
    bundle.written.push(written);
    bundle.bytes += bytes;
    if (bundle.written.length === this.limits.messages) this.#open = undefined;
    return bundle.sent;
  }

  #begin(first: Written, bytes: number): Promise<void> {
    const written: Open['written'] = [first];
    const sent = new Promise((turn) => setImmediate(turn)).then(() => {
      if (this.#open?.written === written) this.#open = undefined;
      return this.send(written);
    });
    this.#open = { written, bytes, sent };
    return sent;
  }
}
