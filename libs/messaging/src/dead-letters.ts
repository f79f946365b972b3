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

/** A dead letter's place in their order; to the millisecond, as a JavaScript date is. */
export type DeadLetterPosition = Pick<DeadLetter, 'diedAt' | 'messageId' | 'handler'>;

/** The handler of a message that its own sender gave up: nobody has handled it, and it goes where it was to go. */
export const unsentBy = (service: string): string => `${service}/outbox`;

/** As it is kept, and sent again: for the service that gave it up, as an event's other receivers have handled it long ago. */
export function asKept(message: Message, handler: string): Message {
  const [target = ''] = handler.split('/');
  return handler === unsentBy(target) ? message : { ...message, target };
}

/** The messages a service gave up on, in its own store: kept whole until an operator sends them again. */
export abstract class DeadLetters {
  /** Idempotent: a message that dies again keeps its latest reason. It is kept {@link asKept}. */
  abstract store(message: Message, handler: string, reason: string, attempts: number): Promise<void>;

  /** Newest first, those after `before` in that order (ties by message id, then handler, descending); without data. */
  abstract list(limit: number, before?: DeadLetterPosition): Promise<DeadLetter[]>;

  abstract count(): Promise<number>;

  /**
   * Sends a dead letter again under its own id, so that whoever handled it already will not again. Rejects with
   * `DEAD_LETTER.NOT_FOUND`, or `DEAD_LETTER.UNDER_WAY` for one that is still being sent.
   */
  abstract redrive(messageId: string): Promise<void>;
}
