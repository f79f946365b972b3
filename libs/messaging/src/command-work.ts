import type { Message } from '@seam/kernel';
import { type CommandContract, type Outcome, type ReplyOf, replyTo } from './contract/index.js';
import type { Work } from './work.js';

declare const replyData: unique symbol;

/** The work of a command's handler, whose reply has this data if it is done. Made only by the functions of this file. */
export interface CommandWork<R> extends Work {
  /** Exists only for the compiler: it ties the work to the reply of a contract. */
  readonly [replyData]: R;
}

/** What the handler of a contract's command returns. */
export type AnswerTo<C> = CommandWork<ReplyOf<C>>;

/**
 * A work, with the reply to its command in the same commit: `outcome`, a pure function, makes it of the work's value. Its
 * data are checked against the contract by the compiler, and when it is sent; see {@link replyTo}.
 */
export const answering = <C extends Pick<CommandContract, 'type' | 'reply'>, T>(
  contract: C,
  command: Pick<Message, 'replyTo' | 'correlationId'>,
  change: Work<T>,
  outcome: (value: T) => Outcome<NoInfer<ReplyOf<C>>>,
): AnswerTo<C> =>
  withOwnReplies({
    ...change,
    settle: (result) => {
      const settled = change.settle(result);
      return { ...settled, messages: [...settled.messages, ...replyTo(contract, command, outcome(settled.value))] };
    },
  });

/**
 * The work of a command that nobody asks to answer, or whose reply is sent otherwise: by this work itself or by a later
 * one, with {@link replyTo}, which checks it. A sender that is never answered sends the command again.
 */
export const withOwnReplies = (change: Work): CommandWork<never> => change as CommandWork<never>;
