import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { HostedMessages } from '@seam/messaging';
import { deadLetterActionAnswer, type DeadLetterActionAnswer, latestFirst } from './dead-letter-action.dto.js';
import { servicesOf } from './services-of.js';

export class ListDeadLetterActions extends Query<DeadLetterActionAnswer[]> {
  constructor(
    readonly limit: number,
    readonly before: string | undefined,
    readonly service: string | undefined,
  ) {
    super();
  }
}

/** What operators did with the dead letters of this process' services, latest first: up to `limit` of each service. */
@QueryHandler(ListDeadLetterActions)
export class ListDeadLetterActionsHandler implements IQueryHandler<ListDeadLetterActions> {
  constructor(private readonly messages: HostedMessages) {}

  async execute({ limit, before, service }: ListDeadLetterActions): Promise<DeadLetterActionAnswer[]> {
    const lists = await Promise.all(
      servicesOf(this.messages, service).map(async ([name, { deadLetters }]) =>
        (await deadLetters.actions(limit, before)).map((action) => deadLetterActionAnswer(name, action)),
      ),
    );
    return lists.flat().sort(latestFirst);
  }
}
