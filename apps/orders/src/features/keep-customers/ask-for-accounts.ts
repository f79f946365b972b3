import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ListAccounts } from '@seam/contracts';
import { messageOf } from '@seam/messaging/contract';
import { type Aggregate, type DomainEvent, eventWork } from '@seam/event-sourcing';
import { Clock, newId } from '@seam/kernel';
import { Committer } from '@seam/messaging';

type Asked = DomainEvent<'accounts-asked-for', object>;

/** Whether the accounts that were opened before this store existed were already requested. */
const Accounts: Aggregate<{ readonly asked: boolean }, Asked> = {
  category: 'accounts',
  initial: { asked: false },
  evolve: () => ({ asked: true }),
};

/**
 * Requests the accounts that no event has reported, once per store: the request is durable together with the event that
 * records it.
 */
@Injectable()
export class AskForAccounts implements OnApplicationBootstrap {
  constructor(
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const asking: Asked = { type: 'accounts-asked-for', at: this.clock.now().toISOString(), data: {} };
    await this.committer.commit(
      eventWork({ accounts: { aggregate: Accounts, id: 'asked' } }, ({ accounts: { asked } }) => ({
        events: { accounts: asked ? [] : [asking] },
        messages: asked ? [] : [messageOf(ListAccounts, newId(), {})],
        value: undefined,
      })),
    );
  }
}
