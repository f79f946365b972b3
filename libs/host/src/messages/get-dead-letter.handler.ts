import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { CodedError } from '@seam/kernel';
import { HostedMessages } from '@seam/messaging';
import { deadLetterDetailAnswer, type DeadLetterDetailAnswer } from './dead-letter.dto.js';
import { servicesOf } from './services-of.js';

export class GetDeadLetter extends Query<DeadLetterDetailAnswer[]> {
  constructor(readonly messageId: string) {
    super();
  }
}

/** A message's dead letters in this process' services, with its data; rejects with `DEAD_LETTER.NOT_FOUND` without one. */
@QueryHandler(GetDeadLetter)
export class GetDeadLetterHandler implements IQueryHandler<GetDeadLetter> {
  constructor(private readonly messages: HostedMessages) {}

  async execute({ messageId }: GetDeadLetter): Promise<DeadLetterDetailAnswer[]> {
    const found = await Promise.all(
      servicesOf(this.messages).map(async ([name, { deadLetters }]) =>
        (await deadLetters.get(messageId)).map((letter) => deadLetterDetailAnswer(name, letter)),
      ),
    );
    if (found.flat().length === 0)
      throw new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
    return found.flat();
  }
}
