import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Answers, decodeCursor, type Page, pageOf, toPage } from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import type { ListedPayment } from '../../ports/payments.js';
import { PaymentView, paymentView, searchedStates } from '../view-payment/payment.dto.js';
import { ListPaymentsQuery } from './list-payments.dto.js';
import { ListPayments } from './list-payments.handler.js';

const ListedPaymentView = PaymentView.extend({
  userId: z.string(),
  createdAt: z.iso.datetime().describe('When the charge was ordered'),
  changedAt: z.iso.datetime(),
});
type ListedPaymentView = z.infer<typeof ListedPaymentView>;

const example: Page<ListedPaymentView> = {
  items: [
    {
      orderId: '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50',
      status: 'captured',
      amount: { amount: 2598, currency: 'EUR' },
      refunded: { amount: 0, currency: 'EUR' },
      userId: '0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a50',
      createdAt: '2026-11-22T09:30:00.000Z',
      changedAt: '2026-11-22T09:30:00.050Z',
    },
  ],
  nextCursor: null,
};

@ApiTags('payments')
@Controller('api/payments')
export class ListPaymentsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Staff()
  @ApiOperation({ summary: 'Payments, newest first; all given filters must match' })
  @Answers(200, pageOf(ListedPaymentView), { example })
  async list(@Query({ schema: ListPaymentsQuery }) query: ListPaymentsQuery): Promise<Page<ListedPaymentView>> {
    const { limit, cursor, status, ...filters } = query;
    const search = {
      ...filters,
      ...(status === undefined ? {} : searchedStates(status)),
      before: cursor === undefined ? undefined : decodeCursor(cursor, z.int().min(1)),
      limit: limit + 1,
    };
    const found = await this.queries.execute(new ListPayments(search));
    return toPage(found, limit, ({ number }) => number, listed);
  }
}

function listed({ payment, createdAt, changedAt }: ListedPayment): ListedPaymentView {
  const view = paymentView(payment);
  if (view === undefined) throw new Error(`payment ${payment.orderId} was listed without an amount`);
  const { userId } = payment;
  return { ...view, userId, createdAt: createdAt.toISOString(), changedAt: changedAt.toISOString() };
}
