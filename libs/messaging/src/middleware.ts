import type { Message } from '@seam/kernel';
import type { ConsumeResult } from './consume-result.js';
import { type Contract, refused, uncheckedReplyTo } from './contract/index.js';
import { sending, type Work } from './work.js';

/** What a middleware knows about the handling of a message, besides the message. */
export interface Handling {
  /** The service that handles it. */
  readonly service: string;
  /** The handler's name in the inbox and in dead letters, such as `billing/billing.send-invoice.v1`. */
  readonly handler: string;
  /** The number of this attempt: 1 is the first. */
  readonly attempt: number;
}

/** The next middleware, or the handler after the last one. What it rejects with is retried, unless it is caught. */
export type Next = () => Promise<Work>;

/**
 * Runs around the handlers of one service, for each message. A middleware has the same duties as a handler: it returns the
 * {@link Work} to commit, may run more than once for one message, and has no effect of its own.
 */
export interface MessageMiddleware {
  /**
   * Around each attempt; the message matches its contract. It may return the work of `next()`, another one instead, such as
   * {@link refusal}, or throw: this is retried like an error of the handler, and a `PermanentError` makes a dead letter.
   * Not called for a message that has expired, or that no handler takes.
   */
  handle?(message: Message, next: Next, handling: Handling): Work | Promise<Work>;

  /**
   * After the message's effect, dead letter or deferral is durable, once for each delivery. Not called if the process stops
   * before that. An error is logged, and changes nothing.
   * @param seconds since it was received, all attempts and the waits between them included
   */
  ended?(message: Message, outcome: ConsumeResult, seconds: number): void;
}

/** A middleware for the messages of one contract; their data have its type. */
export const forMessages = <D>(
  contract: Contract<D>,
  handle: (message: Message<D>, next: Next, handling: Handling) => Work | Promise<Work>,
): MessageMiddleware => ({
  handle: (message, next, handling) =>
    message.type === contract.type ? handle(message as Message<D>, next, handling) : next(),
});

/**
 * A work that changes nothing, and answers a command as refused if its sender asked for an answer. Committed like any other:
 * the message is marked as handled.
 */
export const refusal = (message: Message, code: string, reason: string): Work =>
  sending(uncheckedReplyTo(message, refused(code, reason)));

/** Runs a handler inside of all middleware, the first of the list outermost. */
export async function throughMiddleware(
  all: readonly MessageMiddleware[],
  message: Message,
  handling: Handling,
  handler: () => Work | Promise<Work>,
): Promise<Work> {
  const from = async (index: number): Promise<Work> => {
    const middleware = all[index];
    if (middleware === undefined) return handler();
    if (middleware.handle === undefined) return from(index + 1);
    return middleware.handle(message, () => from(index + 1), handling);
  };
  return from(0);
}
