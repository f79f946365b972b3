import type { Message } from '@seam/kernel';
import {
  attemptsAsText,
  boundedAttempts,
  failedAttempt,
  type FailedAttempt,
  failureOf,
  wellFormed,
} from './failure.js';

export interface DeadLetter {
  readonly messageId: string;
  readonly handler: string;
  readonly type: string;
  readonly source: string;
  readonly correlationId: string;
  readonly reason: string;
  /** The error's code, or its reason without ids, times and numbers: equal for dead letters of one cause. */
  readonly failure: string;
  readonly attempts: number;
  readonly diedAt: Date;
}

/** A dead letter with everything that is known about it. */
export interface DeadLetterDetail extends DeadLetter {
  /** The complete message, as it is sent again. */
  readonly message: Message;
  /** Its failed attempts, oldest first: the first and the latest ones, as far as they are known. */
  readonly history: readonly FailedAttempt[];
}

/** Dead letters of one type, handler and failure. */
export interface DeadLetterGroup extends Pick<DeadLetter, 'type' | 'handler' | 'failure'> {
  readonly count: number;
  /** When the first and the last of them were given up. */
  readonly oldest: Date;
  readonly newest: Date;
}

/** All conditions must be met; one that is left out is met by all. */
export interface DeadLetterFilter {
  readonly type?: string | undefined;
  readonly handler?: string | undefined;
  readonly failure?: string | undefined;
  /** Part of the reason, in upper or lower case as stored. */
  readonly reason?: string | undefined;
  /** Given up at this time or later. */
  readonly from?: Date | undefined;
  /** Given up before this time. */
  readonly to?: Date | undefined;
}

/** A dead letter's position in the list; times are in whole milliseconds, as in JavaScript dates. */
export type DeadLetterPosition = Pick<DeadLetter, 'diedAt' | 'messageId' | 'handler'>;

/** A dead letter to be stored. Its texts have no NUL and no unpaired surrogate, except for the message's JSON. */
export interface NewDeadLetter extends Omit<DeadLetter, 'diedAt'> {
  /** The message as JSON, {@link asKept}. */
  readonly message: string;
  /** JSON texts, each a {@link FailedAttempt}. */
  readonly history: readonly string[];
}

const LONGEST_REASON = 2_000;
/** How many groups are listed at most. */
export const GROUPS_LIMIT = 200;

/** Stands for the handler of a message that its sender could not send: redriven, it goes to its original receivers. */
export const unsentBy = (service: string): string => `${service}/outbox`;

/** The message as stored and redriven: addressed only to the service that gave it up, as other receivers have handled it. */
export function asKept(message: Message, handler: string): Message {
  const [target = ''] = handler.split('/');
  return handler === unsentBy(target) ? message : { ...message, target };
}

/** Text that every engine can store: PostgreSQL refuses NUL, ClickHouse an unpaired surrogate. */
const storable = (text: string): string => wellFormed(text.replaceAll('\0', ''));

/** The messages that a service could not handle, in its own store, complete, until an operator redrives them. */
export abstract class DeadLetters {
  /**
   * Idempotent: a message that fails again gets its latest reason, and its attempts are added. It is stored {@link asKept}.
   * @param history the attempts as far as they are known, oldest first; otherwise only the last one is kept
   */
  store(
    message: Message,
    handler: string,
    reason: string,
    attempts: number,
    history: readonly FailedAttempt[] = [failedAttempt(attempts, undefined, reason)],
  ): Promise<void> {
    const { id: messageId, type, source, correlationId } = message;
    const short = storable(reason.slice(0, LONGEST_REASON));
    return this.write({
      ...{ messageId, handler, type: storable(type), source: storable(source) },
      correlationId: storable(correlationId),
      message: JSON.stringify(asKept(message, handler)),
      reason: short,
      failure: storable(failureOf(short, history.at(-1)?.code)),
      attempts,
      history: attemptsAsText(boundedAttempts(history)),
    });
  }

  /** See {@link store}. The time is the store's own. */
  protected abstract write(letter: NewDeadLetter): Promise<void>;

  /** Newest first, those after `before` in that order (ties by message id, then handler, descending); without data. */
  abstract list(limit: number, before?: DeadLetterPosition, filter?: DeadLetterFilter): Promise<DeadLetter[]>;

  /** Those of a message, by handler, with its data; empty if there is none. */
  abstract get(messageId: string): Promise<DeadLetterDetail[]>;

  /** The largest {@link GROUPS_LIMIT} groups, largest first. */
  abstract groups(filter?: DeadLetterFilter): Promise<DeadLetterGroup[]>;

  abstract count(filter?: DeadLetterFilter): Promise<number>;

  /**
   * Sends a dead letter again under its own id, so that handlers that have handled it already ignore it. Rejects with
   * `DEAD_LETTER.NOT_FOUND`, or `DEAD_LETTER.UNDER_WAY` for one that is still being sent.
   */
  abstract redrive(messageId: string): Promise<void>;
}
