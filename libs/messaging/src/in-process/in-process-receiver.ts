import type { Message } from '@seam/kernel';
import type { Consumer } from '../consumer.js';
import type { MessageHandlers } from '../message-handlers.js';
import { DeliveryRejectedError } from '../publisher.js';
import { QueueWait } from '../queue-wait.js';
import type { Receiver } from '../transport.js';

/** Maximum number of messages of a service handled at a time; the others wait in memory, and stay in their senders' outboxes. */
const CONCURRENCY = 256;

/**
 * The receiving side of one service in this process: it gets the service's messages from the broker. Nothing is lost if the
 * process dies: each message stays in its sender's outbox until `deliver` resolves.
 */
export class InProcessReceiver implements Receiver {
  #handlers: MessageHandlers = new Map();
  readonly #waiting: (() => void)[] = [];
  readonly #wait = new QueueWait();
  #consumer: Consumer | undefined;
  #active = 0;
  #state: 'starting' | 'listening' | 'stopped' = 'starting';
  #started!: (listening: boolean) => void;
  /**
   * Resolves with true once the handlers are bound and it listens: before that, the events this service subscribes to are
   * unknown. Resolves with false if it stops before it has started.
   */
  readonly started = new Promise<boolean>((resolve) => (this.#started = resolve));

  constructor(private readonly service: string) {}

  bind(consumer: Consumer, handlers: MessageHandlers): void {
    this.#consumer = consumer;
    this.#handlers = handlers;
  }

  listen(callback: () => void): void {
    if (this.#state === 'stopped') throw new Error(`${this.service} has stopped`);
    this.#state = 'listening';
    this.#started(true);
    callback();
  }

  /**
   * Messages being handled need no action: the sender's relay, in this process, waits for them. After a failed start, the
   * messages that wait for its end are rejected.
   */
  drain(): Promise<void> {
    if (this.#state === 'starting') this.close();
    return Promise.resolve();
  }

  /** Accepts no more messages and rejects the waiting ones; those being handled end normally. */
  close(): void {
    this.#state = 'stopped';
    this.#started(false);
    this.#consumer?.stop();
    const waiting = this.#waiting.splice(0);
    this.#active += waiting.length;
    for (const go of waiting) go();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get waitMs(): number {
    return this.#wait.waitMs(this.#waiting.length);
  }

  handles(type: string): boolean {
    return this.#handlers.has(type);
  }

  /** Resolves once this service has handled the message or stored it as a dead letter; rejects if it stops before that. */
  async deliver(message: Message): Promise<void> {
    if (this.#active < CONCURRENCY) this.#active += 1;
    else await new Promise<void>((go) => this.#waiting.push(go));
    try {
      if (this.#state === 'stopped' || this.#consumer === undefined)
        throw new DeliveryRejectedError(`${this.service} has stopped`);
      await this.#consumer.consume(message, this.#handlers.get(message.type));
    } finally {
      this.#leave();
    }
  }

  /** Passes the place directly to the longest-waiting message: if it were freed first, a new message could take it as well. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#active -= 1;
      return;
    }
    this.#wait.took(1, this.#waiting.length);
    next();
  }
}
