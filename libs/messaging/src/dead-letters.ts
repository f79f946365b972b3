import type { Message } from '@seam/kernel';

export interface DeadLetter {
  readonly messageId: string;
  readonly handler: string;
  readonly type: string;
  readonly source: string;
  readonly correlationId: string;
  readonly reason: string;
  readonly attempts: number;
  readonly diedAt: Date;
}

/** A dead letter's position in the list; times are in whole milliseconds, as in JavaScript dates. */
export type DeadLetterPosition = Pick<DeadLetter, 'diedAt' | 'messageId' | 'handler'>;

/** Stands for the handler of a message that its sender could not send: redriven, it goes to its original receivers. */
export const unsentBy = (service: string): string => `${service}/outbox`;

/** The message as stored and redriven: addressed only to the service that gave it up, as other receivers have handled it. */
export function asKept(message: Message, handler: string): Message {
  const [target = ''] = handler.split('/');
  return handler === unsentBy(target) ? message : { ...message, target };
}

/** The messages that a service could not handle, in its own store, complete, until an operator redrives them. */
export abstract class DeadLetters {
  /** Idempotent: a message that fails again gets its latest reason. It is stored {@link asKept}. */
  abstract store(message: Message, handler: string, reason: string, attempts: number): Promise<void>;

  /** Newest first, those after `before` in that order (ties by message id, then handler, descending); without data. */
  abstract list(limit: number, before?: DeadLetterPosition): Promise<DeadLetter[]>;

  abstract count(): Promise<number>;

  /**
   * Sends a dead letter again under its own id, so that handlers that have handled it already ignore it. Rejects with
   * `DEAD_LETTER.NOT_FOUND`, or `DEAD_LETTER.UNDER_WAY` for one that is still being sent.
   */
  abstract redrive(messageId: string): Promise<void>;
}
