import { CodedError, isId, type Message, newId } from '@seam/kernel';
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

/** Who acts on dead letters, and why. */
export interface Operator {
  /** The id of a member of the staff. */
  readonly by: string;
  readonly why: string;
}

/** What an operator has done with the dead letters that a service has of one message. */
export interface DeadLetterAction extends Operator {
  /** UUID version 7, by which actions are ordered. */
  readonly id: string;
  readonly action: 'redriven' | 'edited' | 'discarded';
  readonly at: Date;
  readonly messageId: string;
  readonly type: string;
  readonly handlers: readonly string[];
  /** The id of the edited message, which was sent instead. */
  readonly replacedBy?: string;
}

/** An action to be taken; it applies to all dead letters of the message. */
export interface Settlement {
  readonly action: DeadLetterAction;
  /** As they were read just before. */
  readonly letters: readonly [DeadLetterDetail, ...DeadLetterDetail[]];
  /** To be sent instead of the message. */
  readonly replacement?: Message;
}

/**
 * `gone`: there is no dead letter any more; `under-way`: the message is still being sent; `handled`: it was handled, or
 * replaced, meanwhile. Nothing was done then.
 */
export type Settled = 'done' | 'gone' | 'under-way' | 'handled';

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
  async redrive(messageId: string, operator: Operator): Promise<void> {
    await this.#settle(messageId, 'redriven', operator);
  }

  /**
   * Sends the message with other data, under a new id, caused by the original; resolves with the new id. The original is
   * marked as handled in the same commit, so that it never takes effect, not even if its transport delivers it again (on
   * ClickHouse, where no handled message is marked, that is not certain). Rejects as {@link redrive}, or with
   * `DEAD_LETTER.HANDLED` if the original was handled meanwhile.
   */
  edit(messageId: string, data: unknown, operator: Operator): Promise<string> {
    return this.#settle(messageId, 'edited', operator, ([{ message, diedAt }]) => {
      const { expiresAt: _, ...kept } = message;
      const id = this.replacementId(messageId, diedAt);
      return { ...kept, id, causationId: messageId, at: new Date().toISOString(), data };
    });
  }

  /** Deletes a dead letter, and marks its message as handled, as {@link edit} does. Rejects as {@link redrive}. */
  async discard(messageId: string, operator: Operator): Promise<void> {
    await this.#settle(messageId, 'discarded', operator);
  }

  /** What operators have done, latest first; those before the action `before`. */
  abstract actions(limit: number, before?: string): Promise<DeadLetterAction[]>;

  /**
   * Deletes up to `limit` dead letters that were given up before this time, and as many actions; resolves with how many of
   * each.
   */
  abstract expire(before: Date, limit: number): Promise<{ letters: number; actions: number }>;

  /** The id of the message that replaces another one. */
  protected replacementId(_messageId: string, _diedAt: Date): string {
    return newId();
  }

  /**
   * Deletes the letters, sends the message or its replacement, if it is not discarded, and records the action. If it is
   * edited or discarded, it also marks the message as handled by each letter's handler. All of it in one commit where the
   * engine has transactions; otherwise so that a repetition after a crash completes it.
   */
  protected abstract settle(settlement: Settlement): Promise<Settled>;

  async #settle(
    messageId: string,
    action: DeadLetterAction['action'],
    { by, why }: Operator,
    replace?: (letters: Settlement['letters']) => Message,
  ): Promise<string> {
    const [first, ...others] = isId(messageId) ? await this.get(messageId) : [];
    if (first === undefined) throw noLetter(messageId);
    const letters = [first, ...others] as const;
    const replacement = replace?.(letters);
    const settled = await this.settle({
      letters,
      action: {
        ...{ id: newId(), action, by, why: storable(why), at: new Date(), messageId, type: first.type },
        handlers: letters.map(({ handler }) => handler),
        ...(replacement === undefined ? {} : { replacedBy: replacement.id }),
      },
      ...(replacement === undefined ? {} : { replacement }),
    });
    if (settled === 'done') return replacement?.id ?? messageId;
    throw refusalOf(settled, messageId);
  }
}

const noLetter = (messageId: string): CodedError =>
  new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);

function refusalOf(settled: Exclude<Settled, 'done'>, messageId: string): CodedError {
  switch (settled) {
    case 'gone':
      return noLetter(messageId);
    case 'under-way':
      return new CodedError('conflict', 'DEAD_LETTER.UNDER_WAY', `${messageId} is still being sent; try again`);
    case 'handled':
      return new CodedError(
        'conflict',
        'DEAD_LETTER.HANDLED',
        `${messageId} was handled or replaced meanwhile, so no edited message was sent; discard the dead letter`,
      );
  }
}
