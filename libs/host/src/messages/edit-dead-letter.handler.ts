import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { CodedError } from '@seam/kernel';
import { HostedMessages, type Operator } from '@seam/messaging';
import { invalidRequest } from '../http/validation.pipe.js';
import { servicesOf } from './services-of.js';

export interface EditedDeadLetter {
  readonly service: string;
  readonly newMessageId: string;
}

export class EditDeadLetter extends Command<EditedDeadLetter> {
  constructor(
    readonly messageId: string,
    readonly service: string | undefined,
    readonly data: unknown,
    readonly operator: Operator,
  ) {
    super();
  }
}

/**
 * Sends a message with other data instead of the one that a service gave up. The data must match the contract of the message's
 * handler: otherwise `REQUEST.INVALID`, with the paths below `data`.
 */
@CommandHandler(EditDeadLetter)
export class EditDeadLetterHandler implements ICommandHandler<EditDeadLetter, EditedDeadLetter> {
  constructor(private readonly messages: HostedMessages) {}

  async execute({ messageId, service, data, operator }: EditDeadLetter): Promise<EditedDeadLetter> {
    const found = await Promise.all(
      servicesOf(this.messages, service).map(async ([name, { deadLetters }]) => {
        const [letter] = await deadLetters.get(messageId);
        return letter === undefined ? [] : [{ name, deadLetters, type: letter.type }];
      }),
    );
    const [one, ...others] = found.flat();
    if (one === undefined)
      throw new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
    if (others.length > 0) {
      const names = found.flat().map(({ name }) => name);
      throw invalidRequest([{ path: ['service'], message: `must be one of those that have it: ${names.join(', ')}` }]);
    }
    this.#check(one.name, one.type, data);
    return { service: one.name, newMessageId: await one.deadLetters.edit(messageId, data, operator) };
  }

  /** By the handler of the service that has it; for a message that its sender could not send, by that of its receiver. */
  #check(service: string, type: string, data: unknown): void {
    const { all } = this.messages;
    const handlers = [all.get(service), ...all.values()].map((messages) => messages?.handlers.get(type));
    const contract = handlers.find((handler) => handler?.contract !== undefined)?.contract;
    if (contract === undefined)
      throw new CodedError(
        'unprocessable',
        'DEAD_LETTER.NO_CONTRACT',
        `No handler of this process has a contract for ${type}, so other data cannot be checked; redrive or discard it`,
      );
    const parsed = contract.data.safeParse(data);
    if (parsed.success) return;
    throw invalidRequest(parsed.error.issues.map((issue) => ({ ...issue, path: ['data', ...issue.path] })));
  }
}
