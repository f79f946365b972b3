import type { Message } from '@seam/kernel';
import type { Messages } from './wire.js';

/** The most messages of one bundle: what comes again together when a process dies over one of them. */
const MOST = 32;

/** Sends several messages as one; resolves once the broker has them all. */
export type SendBundle = (messages: Messages) => Promise<void>;

interface Bundle {
  readonly messages: [Message, ...Message[]];
  readonly sent: Promise<void>;
}

/**
 * Gathers the messages that leave for one place within a turn of the event loop: commits come in batches, so their
 * messages do, and a broker is busy per message rather than per byte. A message that is alone goes alone.
 */
export class Bundler {
  #open: Bundle | undefined;

  constructor(private readonly send: SendBundle) {}

  /** Settles as the bundle does that the message leaves in. */
  add(message: Message): Promise<void> {
    const bundle = this.#open;
    if (bundle === undefined) return this.#begin(message);
    bundle.messages.push(message);
    if (bundle.messages.length === MOST) this.#open = undefined;
    return bundle.sent;
  }

  #begin(first: Message): Promise<void> {
    const messages: Bundle['messages'] = [first];
    const sent = new Promise((turn) => setImmediate(turn)).then(() => {
      if (this.#open?.messages === messages) this.#open = undefined;
      return this.send(messages);
    });
    this.#open = { messages, sent };
    return sent;
  }
}
