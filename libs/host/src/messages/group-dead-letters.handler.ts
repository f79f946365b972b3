import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { type DeadLetterFilter, HostedMessages } from '@seam/messaging';
import { deadLetterGroupAnswer, type DeadLetterGroupAnswer, largestFirst } from './dead-letter.dto.js';
import { servicesOf } from './services-of.js';

export class GroupDeadLetters extends Query<DeadLetterGroupAnswer[]> {
  constructor(
    readonly service: string | undefined,
    readonly filter: DeadLetterFilter | undefined,
  ) {
    super();
  }
}

/** The dead letters of this process' services by type, handler and failure; largest group first. */
@QueryHandler(GroupDeadLetters)
export class GroupDeadLettersHandler implements IQueryHandler<GroupDeadLetters> {
  constructor(private readonly messages: HostedMessages) {}

  async execute({ service, filter }: GroupDeadLetters): Promise<DeadLetterGroupAnswer[]> {
    const groups = await Promise.all(
      servicesOf(this.messages, service).map(async ([name, { deadLetters }]) =>
        (await deadLetters.groups(filter)).map((group) => deadLetterGroupAnswer(name, group)),
      ),
    );
    return groups.flat().sort(largestFirst);
  }
}
