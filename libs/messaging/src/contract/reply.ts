import type { Message, OutgoingMessage } from '@seam/kernel';
import { z } from 'zod';
import type { CommandContract, ReplyOf } from './contract.js';

/** The result of a command: done, or refused for a reason that the sender acts on. An unclear result is not answered at all. */
export type Outcome<R = unknown> =
  | { readonly outcome: 'done'; readonly data: R }
  | { readonly outcome: 'refused'; readonly code: string; readonly reason: string };

export const done = <R>(data: R): Outcome<R> => ({ outcome: 'done', data });
export const refused = (code: string, reason: string): Outcome<never> => ({ outcome: 'refused', code, reason });

/** The data of a reply message: the outcome, and the context its command carried. */
export const Reply = z.object({
  context: z.unknown(),
  outcome: z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('done'), data: z.unknown() }),
    z.object({ outcome: z.literal('refused'), code: z.string(), reason: z.string() }),
  ]),
});
export type Reply = z.infer<typeof Reply>;

/** The one type of reply message a service receives. */
export const replyType = (service: string): string => `${service}.reply.v1`;

/**
 * The reply to a command, checked against its contract; empty if its sender asked for none. Throws if the data of the
 * outcome are none of the contract: nothing is committed then, and the command is retried, and at last a dead letter.
 */
export function replyTo<C extends Pick<CommandContract, 'type' | 'reply'>>(
  contract: C,
  command: Pick<Message, 'replyTo' | 'correlationId'>,
  outcome: Outcome<NoInfer<ReplyOf<C>>>,
): OutgoingMessage<Reply>[] {
  if (command.replyTo === undefined) return [];
  if (outcome.outcome === 'refused') return uncheckedReplyTo(command, outcome);
  const parsed = contract.reply.safeParse(outcome.data);
  if (!parsed.success)
    throw new Error(`the reply to ${contract.type} does not match its contract: ${z.prettifyError(parsed.error)}`);
  return uncheckedReplyTo(command, done(parsed.data));
}

/** Like {@link replyTo}, for a refusal or where the command's contract is not known. */
export function uncheckedReplyTo(
  command: Pick<Message, 'replyTo' | 'correlationId'>,
  outcome: Outcome,
): OutgoingMessage<Reply>[] {
  if (command.replyTo === undefined) return [];
  const { service, context } = command.replyTo;
  return [
    {
      type: replyType(service),
      kind: 'reply',
      target: service,
      correlationId: command.correlationId,
      data: { context, outcome },
    },
  ];
}
