import { Logger } from '@nestjs/common';
import { CodedError, continueTrace, currentTrace, inSpan, isTracing, type Message, runInTrace } from '@seam/kernel';
import { lastValueFrom, isObservable } from 'rxjs';
import { z } from 'zod';
import type { Cause, Committer } from './committer.js';
import type { HandlerExtras } from './decorators.js';
import { describeMessage } from './describe-message.js';
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

/** Is told what becomes of messages. `type` is one that this service handles, or `unknown`. */
export interface ConsumerObserver {
  ended(type: string, outcome: Outcome, seconds: number): void;
  retried(type: string): void;
}

export type Outcome = 'done' | 'duplicate' | 'deferred' | 'dead-lettered';

/** What the transport knows of a message it hands over. */
export interface DeliveryContext {
  /** How often it has failed before. */
  readonly failures?: number;
  /**
   * Keeps the message outside this process until it is tried again, with what failed so far. Resolves once it is safe
   * there; without it, the message waits here.
   */
  readonly defer?: (failures: number, delayMs: number, reason: string) => Promise<void>;
}

export interface ConsumerOptions {
  readonly service: string;
  readonly committer: Committer;
  readonly deadLetters: Graveyard;
  readonly retries?: RetryPolicy;
  readonly observer?: ConsumerObserver;
  /** What brings the messages, as traces name it: `rabbitmq`. */
  readonly system?: string;
}

/** From here on a message waits elsewhere, where its transport has a place for it. */
const LONG_MS = 500;

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

  /**
   * Resolves when the message's effect, its dead letter or its place to wait in is durable; rejects
   * {@link NotTakenError} on stopping.
   */
  async consume(message: Message, handler: Handler | undefined, delivery: DeliveryContext = {}): Promise<void> {
    const started = performance.now();
    const outcome = isTracing()
      ? await this.#traced(message, handler, delivery)
      : await runInTrace(continueTrace(message.traceparent, message.correlationId), () =>
          this.#consume(message, handler, delivery),
        );
    const seconds = (performance.now() - started) / 1_000;
    this.options.observer?.ended(handler === undefined ? 'unknown' : message.type, outcome, seconds);
  }

  /** One span for all of a message's tries; what follows from the message follows from that span. */
  #traced(message: Message, handler: Handler | undefined, delivery: DeliveryContext): Promise<Outcome> {
    const { type, traceparent, correlationId } = message;
    const attributes = { ...describeMessage(message, this.options.system), 'seam.handler': handler?.handler };
    const options = { service: this.options.service, kind: 'consumer', parent: traceparent, correlationId } as const;
    return inSpan(`process ${type}`, { ...options, attributes }, async (span) => {
      const traced = { ...message, traceparent: span.traceparent ?? traceparent };
      const outcome = await this.#consume(traced, handler, delivery);
      span.set({ 'seam.outcome': outcome });
      return outcome;
    });
  }

  async #consume(message: Message, handler: Handler | undefined, delivery: DeliveryContext): Promise<Outcome> {
    if (handler === undefined)
      return this.bury(message, `${this.options.service}/none`, 'no handler for this type of message', 0);
    let failures = delivery.failures ?? 0;
    for (let attempt = failures + 1; ; attempt += 1) {
      try {
        return await this.#try(message, handler);
      } catch (error) {
        const outage = isOutage(error);
        if (!outage) failures += 1;
        const reason = reasonOf(error);
        if (error instanceof PermanentError || failures >= this.#retries.attempts)
          return this.bury(message, handler.handler, reason, failures);
        this.#log.warn(`${handler.handler} ${message.id}: attempt ${attempt} failed: ${reason}`);
        this.options.observer?.retried(message.type);
        currentTrace()?.span?.event('attempt failed', { attempt, reason });
        const delayMs = retryDelayMs(this.#retries, attempt);
        if (delivery.defer === undefined || outage || delayMs < LONG_MS) {
          // In an outage all wait here: so a broker hands out no more than is waiting already.
          await this.#pause(delayMs);
          continue;
        }
        await delivery.defer(failures, delayMs, reason);
        return 'deferred';
      }
    }
  }

  async #try(message: Message, handler: Handler): Promise<Outcome> {
    const returned = await handler.invoke(checked(message, handler));
    const work = (isObservable(returned) ? await lastValueFrom(returned) : returned) as Work;
    // Whoever published an event does not wait for what others make of it.
    const inNoHurry = work.patient ?? message.kind === 'event';
    return this.options.committer.handle(inNoHurry ? patiently(work) : work, causeOf(message, handler.handler));
  }

  /** Gives a message up: resolves once it is kept as a dead letter, however long the store is away. */
  async bury(message: Message, handler: string, reason: string, attempts: number): Promise<Outcome> {
    currentTrace()?.span?.fail(reason);
    this.#log.error(`${handler} ${message.id} (${message.type}) dead-lettered after ${attempts} attempts: ${reason}`);
    for (;;) {
      try {
        await this.options.deadLetters.bury(message, handler, reason, attempts);
        return 'dead-lettered';
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
