import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { HostedMessages, type Operator } from '@seam/messaging';
import { settleInEach } from './settle-in-each.js';

export class RedriveDeadLetter extends Command<string[]> {
  constructor(
    readonly messageId: string,
    readonly operator: Operator,
  ) {
    super();
  }
}

/** Sends a message again to each service of this process that gave it up; resolves with the names of these services. */
@CommandHandler(RedriveDeadLetter)
export class RedriveDeadLetterHandler implements ICommandHandler<RedriveDeadLetter, string[]> {
  constructor(private readonly messages: HostedMessages) {}

  execute({ messageId, operator }: RedriveDeadLetter): Promise<string[]> {
    return settleInEach(this.messages, messageId, (deadLetters) => deadLetters.redrive(messageId, operator));
  }
}
