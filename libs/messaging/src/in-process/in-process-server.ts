import { Server } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';
import type { Consumer, Handler } from '../consumer.js';
import { transportOf } from '../decorators.js';
import { handlersOf } from '../handlers.js';
import { DeliveryRejectedError } from '../publisher.js';
import type { Receiver } from '../transport.js';

/** Maximum number of messages of a service handled at a time; the others wait in memory, and stay in their senders' outboxes. */
const CONCURRENCY = 256;

/**
 * The receiving side of one service in this process: it gets the service's message handlers from Nest, and its messages from
 * the broker. Nothing is lost if the process dies: each message stays in its sender's outbox until `deliver` resolves.
 */
export class InProcessServer extends Server implements Receiver {
  override readonly transportId: symbol;
  /** Errors of handlers must reach the consumer, which retries; Nest would only log them. */
  override readonly propagatesEventHandlerErrors = true;
  #handlers: ReadonlyMap<string, Handler> = new Map();
  readonly #waiting: (() => void)[] = [];
  #consumer: Consumer | undefined;
  #active = 0;
  #state: 'starting' | 'listening' | 'stopped' = 'starting';
  #started!: (listening: boolean) => void;
  /**
   * Resolves with true once Nest has registered the handlers: before that, the events this service subscribes to are
   * unknown. Resolves with false if it stops before it has started.
   */
  readonly started = new Promise<boolean>((resolve) => (this.#started = resolve));

  constructor(readonly service: string) {
    super();
    this.transportId = transportOf(service);
  }

  bind(consumer: Consumer): void {
    this.#consumer = consumer;
  }

  listen(callback: () => void): void {
    this.#handlers = handlersOf(this.service, this.messageHandlers);
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

  /** Nest's events of a transport (connected, disconnected): there are none within a process. */
  on(): void {
    return undefined;
  }

  unwrap(): never {
    throw new Error('there is no broker behind the in-process transport');
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
    if (next === undefined) this.#active -= 1;
    else next();
  }
}
