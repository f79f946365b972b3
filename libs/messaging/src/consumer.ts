import { Logger } from '@nestjs/common';
import { CodedError, continueTrace, type Message, runInTrace } from '@seam/kernel';
import { lastValueFrom, isObservable } from 'rxjs';
import { z } from 'zod';
import type { Cause, Committer } from './committer.js';
import type { HandlerExtras } from './decorators.js';
import { NotTakenError } from './publisher.js';
import { defaultRetries, PermanentError, retryDelayMs, type RetryPolicy } from './retry-policy.js';
import { patiently, type Work } from './work.js';

/** A handler as Nest registered it. */
export interface Handler extends HandlerExtras {
  invoke(message: Message): Promise<unknown>;
}

/** Where a message goes that is given up on. */
export interface Graveyard {
  bury(message: Message, handler: string, reason: string, attempts: number): Promise<void>;
}

export interface ConsumerOptions {
  readonly service: string;
  readonly committer: Committer;
  readonly deadLetters: Graveyard;
  readonly retries?: RetryPolicy;
}

/**
 * What happens to one message at its receiver: checked, handled, committed with its inbox mark; tried again with
 * backoff where that fails, and dead-lettered with its reason once that is hopeless: an outage of the store is not, and
 * is waited for. The transport acknowledges when `consume` resolves.
 */
export class Consumer {
  readonly #log: Logger;
  readonly #retries: RetryPolicy;
  readonly #stopping = new AbortController();

  constructor(private readonly options: ConsumerOptions) {
    this.#log = new Logger(`Consumer ${options.service}`);
    this.#retries = options.retries ?? defaultRetries;
  }

  /** Gives up waiting between tries: those messages stay with their sender. Tries under way end. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves when the message's effect, or its dead letter, is durable; rejects {@link NotTakenError} on stopping. */
  async consume(message: Message, handler: Handler | undefined): Promise<void> {
    if (handler === undefined)
      return this.#bury(message, `${this.options.service}/none`, 'no handler for this type of message', 0);
    for (let attempt = 1, failures = 0; ; attempt += 1) {
      try {
        await runInTrace(continueTrace(message.traceparent), () => this.#try(message, handler));
        return;
      } catch (error) {
        if (!isOutage(error)) failures += 1;
        if (error instanceof PermanentError || failures >= this.#retries.attempts)
          return this.#bury(message, handler.handler, reasonOf(error), failures);
        this.#log.warn(`${handler.handler} ${message.id}: attempt ${attempt} failed: ${reasonOf(error)}`);
        await this.#pause(retryDelayMs(this.#retries, attempt));
      }
    }
  }

  async #try(message: Message, handler: Handler): Promise<void> {
    const returned = await handler.invoke(checked(message, handler));
    const work = (isObservable(returned) ? await lastValueFrom(returned) : returned) as Work;
    // Whoever published an event does not wait for what others make of it.
    const inNoHurry = work.patient ?? message.kind === 'event';
    await this.options.committer.handle(inNoHurry ? patiently(work) : work, causeOf(message, handler.handler));
  }

  async #bury(message: Message, handler: string, reason: string, attempts: number): Promise<void> {
    this.#log.error(`${handler} ${message.id} (${message.type}) dead-lettered after ${attempts} attempts: ${reason}`);
    for (;;) {
      try {
        await this.options.deadLetters.bury(message, handler, reason, attempts);
        return;
      } catch (error) {
        this.#log.error(`the dead letter ${message.id} could not be kept yet: ${reasonOf(error)}`);
        await this.#pause(this.#retries.longestDelayMs);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve, reject) => {
      const stopped = (): void => {
        clearTimeout(timer);
        reject(new NotTakenError(`${this.options.service} is stopping`));
      };
      if (signal.aborted) return reject(new NotTakenError(`${this.options.service} is stopping`));
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stopped);
        resolve();
      }, ms);
      signal.addEventListener('abort', stopped, { once: true });
    });
  }
}

function checked(message: Message, { contract }: Handler): Message {
  if (contract === undefined) return message;
  const parsed = contract.data.safeParse(message.data);
  if (!parsed.success) throw new PermanentError(`not as its contract says: ${z.prettifyError(parsed.error)}`);
  return { ...message, data: parsed.data };
}

const causeOf = (message: Message, handler: string): Cause => ({
  messageId: message.id,
  handler,
  correlationId: message.correlationId,
  ...(message.traceparent === undefined ? {} : { traceparent: message.traceparent }),
});

/** The store is away: that is no fault of the message, and no reason to ever give it up. */
const isOutage = (error: unknown): boolean => error instanceof CodedError && error.code === 'STORE.UNAVAILABLE';

const reasonOf = (error: unknown): string =>
  error instanceof Error
    ? [error.message, ...(error.cause instanceof Error ? [error.cause.message] : [])].join(': ')
    : String(error);
