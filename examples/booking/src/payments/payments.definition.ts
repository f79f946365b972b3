import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { RequestBody } from '@seam/host';
import { Id } from '@seam/kernel';
import { Committer, sending } from '@seam/messaging';
import { messageOf } from '@seam/messaging/contract';
import { Public } from '@seam/security';
import { decides, defineService } from '@seam/service';
import { postgres } from '@seam/service/postgres';
import { z } from 'zod';
import { Account, giveBack, take } from './account.js';
import { PaymentReceived, ReturnDeposit, TakeDeposit } from './payments.contract.js';

const PaymentBody = z.strictObject({ bookingId: Id, amount: z.int().min(1) });

@Controller('api/payments')
class PaymentsController {
  constructor(private readonly committer: Committer) {}

  @Post()
  @HttpCode(204)
  @Public()
  @RequestBody(PaymentBody, { 'The rest': { bookingId: '3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d', amount: 5_000 } })
  async pay(@Body({ schema: PaymentBody }) payment: z.infer<typeof PaymentBody>): Promise<void> {
    await this.committer.commit(sending([messageOf(PaymentReceived, payment.bookingId, payment)]));
  }
}

export const payments = defineService({
  name: 'payments',
  engine: postgres(),
  controllers: [
    PaymentsController,
    decides(TakeDeposit, Account, ({ guest }) => guest, take),
    decides(ReturnDeposit, Account, ({ guest }) => guest, giveBack),
  ],
});
