import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { CodedError } from '@seam/kernel';
import { HostedMessages, type ServiceMessages } from '@seam/messaging';
import { servicesOf } from './services-of.js';

export class RedriveDeadLetter extends Command<string[]> {
  constructor(readonly messageId: string) {
    super();
  }
}

/** Sends a message again to each service of this process that gave it up; resolves with the names of these services. */
@CommandHandler(RedriveDeadLetter)
export class RedriveDeadLetterHandler implements ICommandHandler<RedriveDeadLetter, string[]> {
  constructor(private readonly messages: HostedMessages) {}

  async execute({ messageId }: RedriveDeadLetter): Promise<string[]> {
    const redriven = await Promise.all(
      servicesOf(this.messages).map(async ([name, { deadLetters }]) =>
        (await moved(deadLetters, messageId)) ? [name] : [],
      ),
    );
    if (redriven.flat().length === 0)
      throw new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
    return redriven.flat();
  }
}

/** Whether the service had such a dead letter, which is then sent again. */
async function moved(deadLetters: ServiceMessages['deadLetters'], messageId: string): Promise<boolean> {
  try {
    await deadLetters.redrive(messageId);
    return true;
  } catch (error) {
    if (error instanceof CodedError && error.kind === 'not-found') return false;
    throw error;
  }
}
