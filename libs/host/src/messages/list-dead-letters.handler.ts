import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { type DeadLetterFilter, type DeadLetterPosition, HostedMessages } from '@seam/messaging';
import { DeadLetterAnswer, deadLetterAnswer, newestFirst } from './dead-letter.dto.js';
import { servicesOf } from './services-of.js';

export interface DeadLetterPage {
  readonly limit: number;
  readonly before?: DeadLetterPosition | undefined;
  readonly service?: string | undefined;
  readonly filter?: DeadLetterFilter | undefined;
}

export class ListDeadLetters extends Query<DeadLetterAnswer[]> {
  constructor(readonly page: DeadLetterPage) {
    super();
  }
}

/** The dead letters of this process' services, newest first, without data: up to `limit` of each service. */
@QueryHandler(ListDeadLetters)
export class ListDeadLettersHandler implements IQueryHandler<ListDeadLetters> {
  constructor(private readonly messages: HostedMessages) {}

  async execute({ page: { limit, before, service, filter } }: ListDeadLetters): Promise<DeadLetterAnswer[]> {
    const lists = await Promise.all(
      servicesOf(this.messages, service).map(async ([name, { deadLetters }]) =>
        (await deadLetters.list(limit, before, filter)).map((letter) => deadLetterAnswer(name, letter)),
      ),
    );
    return lists.flat().sort(newestFirst);
  }
}
