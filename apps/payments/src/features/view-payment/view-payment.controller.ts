import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Answers, Problems } from '@seam/host';
import { Id } from '@seam/kernel';
import { Authenticated, Caller } from '@seam/security';
import { PaymentView } from './payment.dto.js';
import { ViewPayment } from './view-payment.handler.js';

const example: PaymentView = {
  orderId: '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50',
  status: 'captured',
  amount: { amount: 2598, currency: 'EUR' },
  refunded: { amount: 0, currency: 'EUR' },
};

@ApiTags('payments')
@Controller('api/payments')
export class ViewPaymentController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':orderId')
  @Authenticated()
  @ApiOperation({ summary: 'The payment of one of your orders; for staff, of any order' })
  @Answers(200, PaymentView, { example })
  @Problems(404, 409)
  async view(@Param('orderId', { schema: Id }) orderId: string, @Caller() caller: Caller): Promise<PaymentView> {
    return this.queries.execute(new ViewPayment(caller, orderId));
  }
}
