import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Problems } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { Authenticated, Caller } from '@seam/security';
import { z } from 'zod';
import { Payments } from '../../ports/payments.js';
import { PaymentView, paymentView } from './payment-view.js';

const example: PaymentView = {
  orderId: '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50',
  status: 'captured',
  amount: { amount: 2598, currency: 'EUR' },
  refunded: { amount: 0, currency: 'EUR' },
};

@ApiTags('payments')
@Controller('api/payments')
export class ViewPaymentController {
  constructor(private readonly payments: Payments) {}

  @Get(':orderId')
  @Authenticated()
  @ApiOperation({ summary: 'The payment of an order of yours; for staff, of any order' })
  @Answers(200, PaymentView, { example })
  @Problems(404)
  async view(@Param('orderId', { schema: z.uuid() }) orderId: string, @Caller() caller: Caller): Promise<PaymentView> {
    const payment = await this.payments.find(orderId);
    const view = payment && paymentView(payment);
    if (view === undefined || (caller.role !== 'staff' && payment?.userId !== caller.userId))
      throw new CodedError('not-found', 'PAYMENT.NOT_FOUND', 'There is no payment of such an order');
    return view;
  }
}
