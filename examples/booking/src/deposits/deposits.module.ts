import { Controller, Module } from '@nestjs/common';
import { type AnswerTo, HandleCommand } from '@seam/messaging';
import type { MessageOf } from '@seam/messaging/contract';
import { Aggregates, SeamModule } from '@seam/service';
import { postgres } from '@seam/service/postgres';
import type { BookingService } from '../booking-service.js';
import { Account, giveBack, take } from './account.js';
import { ReturnDeposit, TakeDeposit } from './deposits.contract.js';

@Controller()
class DepositsHandler {
  constructor(private readonly aggregates: Aggregates) {}

  @HandleCommand(TakeDeposit)
  take(command: MessageOf<typeof TakeDeposit>): AnswerTo<typeof TakeDeposit> {
    const { bookingId, guest, amount } = command.data;
    return this.aggregates
      .of(Account, guest)
      .answer(TakeDeposit, command, (account, at) => take(account, bookingId, amount, at));
  }

  @HandleCommand(ReturnDeposit)
  giveBack(command: MessageOf<typeof ReturnDeposit>): AnswerTo<typeof ReturnDeposit> {
    const { bookingId, guest, amount } = command.data;
    return this.aggregates
      .of(Account, guest)
      .answer(ReturnDeposit, command, (account, at) => giveBack(account, bookingId, amount, at));
  }
}

@Module({
  imports: [SeamModule.forService({ service: 'deposits', engine: postgres() })],
  controllers: [DepositsHandler],
})
class DepositsModule {}

export const deposits: BookingService = { name: 'deposits', module: DepositsModule, needs: [] };
