import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { Committer } from '@seam/messaging';
import type { WebhookEvent } from './webhook-event.dto.js';
import { webhookWork } from './webhook-work.js';

/** Stores a provider's event, once, and orders a poll of the provider about it. */
export class ReceiveWebhook extends Command<void> {
  constructor(
    readonly provider: string,
    readonly event: WebhookEvent,
  ) {
    super();
  }
}

@CommandHandler(ReceiveWebhook)
export class ReceiveWebhookHandler implements ICommandHandler<ReceiveWebhook, void> {
  constructor(private readonly committer: Committer) {}

  async execute({ provider, event }: ReceiveWebhook): Promise<void> {
    await this.committer.commit(webhookWork(provider, event));
  }
}
