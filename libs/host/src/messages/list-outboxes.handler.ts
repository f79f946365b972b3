import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { HostedMessages, Transport } from '@seam/messaging';
import type { OutboxesAnswer } from './outbox.dto.js';
import { servicesOf } from './services-of.js';

export class ListOutboxes extends Query<OutboxesAnswer> {
  constructor(readonly service: string | undefined) {
    super();
  }
}

/** What the services of this process have to send, and why it has not been sent yet. */
@QueryHandler(ListOutboxes)
export class ListOutboxesHandler implements IQueryHandler<ListOutboxes> {
  constructor(
    private readonly messages: HostedMessages,
    private readonly transport: Transport,
  ) {}

  async execute({ service }: ListOutboxes): Promise<OutboxesAnswer> {
    const items = await Promise.all(
      servicesOf(this.messages, service).map(async ([name, { outbox, relay }]) => ({
        service: name,
        ...(await outbox.lag()),
        unsent: relay
          .unsent()
          .map(({ target, ...unsent }) => ({ ...unsent, ...(target === undefined ? {} : { target }) })),
      })),
    );
    return { transport: this.transport.state(), items };
  }
}
