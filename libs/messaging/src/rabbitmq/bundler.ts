import type { Message } from '@seam/kernel';

/** A message with its JSON, which is serialised once. */
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
 * Limits how many messages are redelivered together when a process dies while it handles one, and how much is in memory: a
 * receiver gets many bundles at a time.
 */
const LIMITS: BundleLimits = { messages: 32, bytes: 256 * 1024 };

interface Open {
  readonly written: [Written, ...Written[]];
  bytes: number;
  readonly sent: Promise<void>;
}

/**
 * Combines the messages for one destination within a turn of the event loop: commits come in batches, so do their messages,
 * and a broker's work is per message rather than per byte. A single message is sent as it is.
 */
export class Bundler {
  #open: Open | undefined;

  constructor(
    private readonly send: SendBundle,
    private readonly limits: BundleLimits = LIMITS,
  ) {}

  /** Settles with the bundle that contains the message. */
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
