import { Controller } from '@nestjs/common';
import { eventWork } from '@seam/event-sourcing';
import { Clock, type Message } from '@seam/kernel';
import { HandleCommand, type Work } from '@seam/messaging';
import { type DataOf, done, refused, replyTo } from '@seam/messaging/contract';
import { AccountAggregate, giveBack, take } from './account.js';
import { ReturnDeposit, TakeDeposit } from './deposits.contract.js';

@Controller()
export class DepositsHandler {
  constructor(private readonly clock: Clock) {}

  @HandleCommand(TakeDeposit)
  take(message: Message<DataOf<typeof TakeDeposit>>): Work {
    const { bookingId, guest, amount } = message.data;
    const at = this.clock.now().toISOString();
    return eventWork({ account: { aggregate: AccountAggregate, id: guest } }, ({ account }) => {
      const taken = take(account, bookingId, amount, at);
      return 'refused' in taken
        ? { value: undefined, messages: replyTo(TakeDeposit, message, refused(taken.refused, taken.reason)) }
        : { value: undefined, events: { account: taken.events }, messages: replyTo(TakeDeposit, message, done({})) };
    });
  }

  @HandleCommand(ReturnDeposit)
  giveBack(message: Message<DataOf<typeof ReturnDeposit>>): Work {
    const { bookingId, guest } = message.data;
    const at = this.clock.now().toISOString();
    return eventWork({ account: { aggregate: AccountAggregate, id: guest } }, ({ account }) => ({
      value: undefined,
      events: { account: giveBack(account, bookingId, at) },
      messages: replyTo(ReturnDeposit, message, done({})),
    }));
  }
}
