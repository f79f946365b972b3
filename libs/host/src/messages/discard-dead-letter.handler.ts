import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { HostedMessages, type Operator } from '@seam/messaging';
import { settleInEach } from './settle-in-each.js';

export class DiscardDeadLetter extends Command<string[]> {
  constructor(
    readonly messageId: string,
    readonly operator: Operator,
  ) {
    super();
  }
}

/** Deletes a message's dead letters in each service of this process; resolves with the names of these services. */
@CommandHandler(DiscardDeadLetter)
export class DiscardDeadLetterHandler implements ICommandHandler<DiscardDeadLetter, string[]> {
  constructor(private readonly messages: HostedMessages) {}

  execute({ messageId, operator }: DiscardDeadLetter): Promise<string[]> {
    return settleInEach(this.messages, messageId, (deadLetters) => deadLetters.discard(messageId, operator));
  }
}
