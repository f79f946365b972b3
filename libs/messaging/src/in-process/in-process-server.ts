import { Server } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';
import type { Consumer, Handler } from '../consumer.js';
import { transportOf } from '../decorators.js';
import { handlersOf } from '../handlers.js';
import { DeliveryRejectedError } from '../publisher.js';
import type { Receiver } from '../transport.js';

/** The most messages of a service handled at a time; the others wait in memory, their senders keeping them. */
const CONCURRENCY = 256;

/**
 * One service's receiving side in this process: Nest hands it the service's message handlers, and the broker its
 * messages. Nothing is lost with the memory it holds: each message stays in its sender's outbox until `deliver` resolves.
 */
export class InProcessServer extends Server implements Receiver {
  override readonly transportId: symbol;
  /** A failing handler is ours to retry, not Nest's to log and forget. */
  override readonly propagatesEventHandlerErrors = true;
  #handlers: ReadonlyMap<string, Handler> = new Map();
  readonly #waiting: (() => void)[] = [];
  #consumer: Consumer | undefined;
  #active = 0;
  #state: 'starting' | 'listening' | 'stopped' = 'starting';
  #started!: (listening: boolean) => void;
  /**
   * Resolves when Nest has handed over the handlers: before, nobody can say which events this service wants. `false`
   * where it stops before it has started, and nobody ever can.
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
   * Nothing to do for what is handled here: it is under way in its sender's relay, in this process, which waits for it.
   * A start that has failed gives back what waits for its end.
   */
  drain(): Promise<void> {
    if (this.#state === 'starting') this.close();
    return Promise.resolve();
  }

  /** Takes no more messages and gives back those that wait; those being handled end. */
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

  /** Resolves once this service has handled the message, or given it up for dead; rejects when it stops before. */
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

  /** Hands the place on to whoever waits longest: freed first, it might go to a newcomer and to them. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#active -= 1;
    else next();
  }
}
