import { Logger } from '@nestjs/common';
import { continueTrace, currentTrace, inSpan, isTracing, type Message, Recurring, runInTrace } from '@seam/kernel';
import { outageIn } from '@seam/persistence';
import { z } from 'zod';
import type { Cause, Committer } from './committer.js';
import type { ConsumeResult } from './consume-result.js';
import type { DeadLetters } from './dead-letters.js';
import { describeMessage } from './describe-message.js';
import { boundedAttempts, failedAttempt, type FailedAttempt } from './failure.js';
import type { Handler } from './message-handlers.js';
import { type MessageMiddleware, refusal, throughMiddleware } from './middleware.js';
import { DeliveryRejectedError } from './publisher.js';
import {
  attemptsWithin,
  defaultRetries,
  isKnownElsewhere,
  type KnownElsewhere,
  PermanentError,
  retryDelayMs,
  type RetryPolicy,
} from './retry-policy.js';
import { lowPriority, type Work } from './work.js';

/** Stores messages that could not be handled. */
export type DeadLetterStore = Pick<DeadLetters, 'store'>;

/** Is notified of the result of each message. `type` is a message type that this service handles, or `unknown`. */
export interface ConsumerObserver {
  ended(type: string, outcome: ConsumeResult, seconds: number): void;
  retried(type: string): void;
}

/** What the transport knows about a message that it delivers. */
export interface DeliveryContext {
  /** How often it has failed before. */
  readonly failures?: number;
  /** Its failed attempts before, as far as they are known. */
  readonly history?: readonly FailedAttempt[];
  /**
   * Stores the message outside this process until its next attempt. Resolves once it is stored; without this function the
   * message waits in this process.
   */
  readonly defer?: (deferral: Deferral) => Promise<void>;
  /** Others wait until it has ended: between its attempts it waits in this process, even if another may understand it. */
  readonly inPlace?: boolean;
}

/** A message's next attempt, and what is known of those before. */
export interface Deferral {
  readonly failures: number;
  readonly history: readonly FailedAttempt[];
  readonly delayMs: number;
  readonly reason: string;
}

export interface ConsumerOptions {
  readonly service: string;
  readonly committer: Committer;
  readonly deadLetters: DeadLetterStore;
  readonly retries?: RetryPolicy;
  readonly observer?: ConsumerObserver;
  /** Around the handlers, the first one outermost. */
  readonly middleware?: readonly MessageMiddleware[];
  /** The transport's name in traces, such as `rabbitmq`. */
  readonly system?: string;
}

/** The code of the answer to a command that had expired before it was handled. */
export const EXPIRED = 'MESSAGE.EXPIRED';

/** For at least this delay a message waits outside this process, if its transport can store it. */
const LONG_MS = 500;
/** How long a message waits here for a store that is not available: brokers redeliver what is not acknowledged for half an hour. */
const HELD_MS = 300_000;

/**
 * Processes one message at its receiver: checks it, calls its handler, and commits the result with the inbox mark. If that
 * fails, it retries with backoff; after the last attempt, or at once if no retry can help, it stores a dead letter with the
 * reason. An outage of the store does not count as an attempt: it waits for the store. A message that a process of another
 * version may understand is left to such a process for a while, if the transport can do so. The message is acknowledged when
 * `consume` resolves.
 */
export class Consumer {
  readonly #log: Logger;
  readonly #retries: RetryPolicy;
  /** Number of attempts of a message that is left to other processes; undefined if no message is. */
  readonly #attemptsElsewhere: number | undefined;
  readonly #leftToOthers: Recurring;
  readonly #middleware: readonly MessageMiddleware[];
  readonly #stopping = new AbortController();
  #handling = 0;
  #awaited = 0;
  #pausing = 0;

  constructor(private readonly options: ConsumerOptions) {
    this.#log = new Logger(`Consumer ${options.service}`);
    this.#retries = options.retries ?? defaultRetries;
    this.#middleware = options.middleware ?? [];
    const { elsewhereMs } = this.#retries;
    this.#attemptsElsewhere = elsewhereMs === undefined ? undefined : attemptsWithin(this.#retries, elsewhereMs);
    this.#leftToOthers = new Recurring(this.#log, {
      what: 'failed attempts at messages that another replica may handle',
      remindMs: 60_000,
    });
  }

  /** Stops waiting between attempts: those messages stay in their sender's outbox. Attempts in progress end normally. */
  stop(): void {
    this.#stopping.abort();
  }

  /**
   * Number of messages being handled whose result a caller waits for; events are not counted. Messages between two
   * attempts are not counted.
   */
  get awaited(): number {
    return Math.max(0, this.#awaited - this.#pausing);
  }

  /**
   * Whether most of its messages wait for their next attempt, because of a store that is unavailable and not because of
   * this process.
   */
  get isHeldUp(): boolean {
    return this.#pausing > 0 && 2 * this.#pausing >= this.#handling;
  }

  /**
   * Resolves when the message's effect, its dead letter or its deferral is durable; rejects with
   * {@link DeliveryRejectedError} if the consumer is stopped.
   */
  async consume(message: Message, handler: Handler | undefined, delivery: DeliveryContext = {}): Promise<void> {
    const startedAt = performance.now();
    const awaited = message.kind === 'event' ? 0 : 1;
    this.#handling += 1;
    this.#awaited += awaited;
    let outcome: ConsumeResult;
    try {
      outcome = isTracing()
        ? await this.#traced(message, handler, delivery)
        : await runInTrace(continueTrace(message.traceparent, message.correlationId), () =>
            this.#consume(message, handler, delivery),
          );
    } finally {
      this.#handling -= 1;
      this.#awaited -= awaited;
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    this.options.observer?.ended(handler === undefined ? 'unknown' : message.type, outcome, seconds);
    if (this.#middleware.length > 0) this.#notifyMiddleware(message, outcome, seconds);
  }

  #notifyMiddleware(message: Message, outcome: ConsumeResult, seconds: number): void {
    for (const middleware of this.#middleware) {
      try {
        middleware.ended?.(message, outcome, seconds);
      } catch (error) {
        this.#log.error(`a middleware failed after ${message.type} ${message.id}: ${reasonOf(error)}`);
      }
    }
  }

  /** One span for all attempts of a message; it is the parent of what the message causes. */
  #traced(message: Message, handler: Handler | undefined, delivery: DeliveryContext): Promise<ConsumeResult> {
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

  async #consume(message: Message, handler: Handler | undefined, delivery: DeliveryContext): Promise<ConsumeResult> {
    let { failures = 0, history = [] } = delivery;
    const startedAt = performance.now();
    for (let attempt = failures + 1; ; attempt += 1) {
      try {
        return await this.#try(message, handler, attempt);
      } catch (error) {
        const outage = outageIn(error) !== undefined;
        const reason = reasonOf(error);
        if (!outage) {
          failures += 1;
          history = boundedAttempts([...history, failedAttempt(failures, error, reason)]);
        }
        const name = handler?.handler ?? `${this.options.service}/none`;
        const elsewhere = this.#isLeftToOthers(error, delivery);
        if (!outage && this.#isFinal(error, failures, elsewhere))
          return this.deadLetter(message, name, reason, failures, history);
        const words = `${name} ${message.id}: attempt ${attempt} failed: ${reason}`;
        if (elsewhere) this.#leftToOthers.happened(words);
        // The store itself logs its outage, once for all callers.
        else if (!outage) this.#log.warn(words);
        this.options.observer?.retried(message.type);
        currentTrace()?.span?.event('attempt failed', { attempt, reason });
        const delayMs = retryDelayMs(this.#retries, attempt);
        const stays = outage ? performance.now() - startedAt < HELD_MS : !elsewhere && delayMs < LONG_MS;
        if (delivery.defer === undefined || stays) {
          // During an outage all messages wait here, so that a broker delivers no further ones.
          await this.#pause(delayMs);
          continue;
        }
        if (await this.#deferred(delivery.defer({ failures, history, delayMs, reason }))) return 'deferred';
        await this.#pause(delayMs);
      }
    }
  }

  #isLeftToOthers(error: unknown, { defer, inPlace = false }: DeliveryContext): boolean {
    return (defer !== undefined || inPlace) && this.#attemptsElsewhere !== undefined && isKnownElsewhere(error);
  }

  #isFinal(error: unknown, failures: number, elsewhere: boolean): boolean {
    if (elsewhere) return failures >= (this.#attemptsElsewhere ?? 0);
    return error instanceof PermanentError || failures >= this.#retries.attempts;
  }

  /** False if it cannot be stored outside now: then it waits here. */
  async #deferred(deferring: Promise<void>): Promise<boolean> {
    try {
      await deferring;
      return true;
    } catch (error) {
      if (error instanceof DeliveryRejectedError) return false;
      throw error;
    }
  }

  async #try(message: Message, handler: Handler | undefined, attempt: number): Promise<ConsumeResult> {
    if (hasExpired(message)) return this.#expire(message, handler);
    if (handler === undefined) throw new UnhandledError();
    const work = await this.#worked(checked(message, handler), handler, attempt);
    // The publisher of an event does not wait for its handlers; the next one of its key does.
    const isLowPriority = work.lowPriority ?? (message.kind === 'event' && message.key === undefined);
    return this.#commit(isLowPriority ? lowPriority(work) : work, message, handler.handler);
  }

  /** A message that may expire is always marked: its refusal must not follow its effect if it is delivered again later. */
  #commit(work: Work, message: Message, handler: string): Promise<'done' | 'duplicate'> {
    const marked = message.expiresAt === undefined ? work : { ...work, naturallyIdempotent: false };
    return this.options.committer.handle(marked, causeOf(message, handler));
  }

  /** An earlier attempt may have been committed although its answer was lost: its mark then makes the refusal a duplicate. */
  async #expire(message: Message, handler: Handler | undefined): Promise<ConsumeResult> {
    if (message.replyTo === undefined) return 'expired';
    const work = refusal(message, EXPIRED, `${message.type} expired at ${message.expiresAt} before it was handled`);
    const outcome = await this.#commit(work, message, handler?.handler ?? `${this.options.service}/none`);
    return outcome === 'done' ? 'expired' : outcome;
  }

  #worked(message: Message, handler: Handler, attempt: number): Work | Promise<Work> {
    if (this.#middleware.length === 0) return this.#invoke(message, handler);
    const handling = { service: this.options.service, handler: handler.handler, attempt };
    return throughMiddleware(this.#middleware, message, handling, () => this.#invoke(message, handler));
  }

  /** If tracing is on, the handler's run is recorded as a span. */
  #invoke(message: Message, handler: Handler): Work | Promise<Work> {
    const { method } = handler;
    if (method === undefined || currentTrace()?.span === undefined) return handler.invoke(message);
    const options = { service: this.options.service, attributes: { 'code.function.name': method } };
    return inSpan(method, options, () => handler.invoke(message));
  }

  /** Resolves once the message is stored as a dead letter, however long the store is not available. */
  async deadLetter(
    message: Message,
    handler: string,
    reason: string,
    attempts: number,
    history?: readonly FailedAttempt[],
  ): Promise<ConsumeResult> {
    currentTrace()?.span?.fail(reason);
    this.#log.error(`${handler} ${message.id} (${message.type}) dead-lettered after ${attempts} attempts: ${reason}`);
    for (;;) {
      try {
        await this.options.deadLetters.store(message, handler, reason, attempts, history);
        return 'dead-lettered';
      } catch (error) {
        if (outageIn(error) === undefined)
          this.#log.error(`the dead letter ${message.id} could not be stored yet: ${reasonOf(error)}`);
        await this.#pause(this.#retries.longestDelayMs);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    this.#pausing += 1;
    return new Promise<void>((resolve, reject) => {
      const stopped = (): void => {
        clearTimeout(timer);
        reject(new DeliveryRejectedError(`${this.options.service} is stopping`));
      };
      if (signal.aborted) return reject(new DeliveryRejectedError(`${this.options.service} is stopping`));
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stopped);
        resolve();
      }, ms);
      signal.addEventListener('abort', stopped, { once: true });
    }).finally(() => (this.#pausing -= 1));
  }
}

/** This process has no handler for this type of message. */
class UnhandledError extends PermanentError implements KnownElsewhere {
  readonly knownElsewhere = true;

  constructor() {
    super('no handler for this type of message');
  }
}

const hasExpired = ({ expiresAt }: Message): boolean => expiresAt !== undefined && Date.parse(expiresAt) <= Date.now();

function checked(message: Message, { contract }: Handler): Message {
  if (contract === undefined) return message;
  const parsed = contract.data.safeParse(message.data);
  if (!parsed.success)
    throw new PermanentError(`the message does not match its contract: ${z.prettifyError(parsed.error)}`);
  return { ...message, data: parsed.data };
}

const causeOf = (message: Message, handler: string): Cause => ({
  messageId: message.id,
  handler,
  correlationId: message.correlationId,
  ...(message.traceparent === undefined ? {} : { traceparent: message.traceparent }),
});

const reasonOf = (error: unknown): string =>
  error instanceof Error
    ? [error.message, ...(error.cause instanceof Error ? [error.cause.message] : [])].join(': ')
    : String(error);
