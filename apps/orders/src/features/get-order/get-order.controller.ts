import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Answers, Problems } from '@seam/host';
import { Authenticated, Caller } from '@seam/security';
import { OrderAnswer, orderExample, OrderId } from '../order.dto.js';
import { OrderAnswers } from '../order-answers.js';
import { GetOrder } from './get-order.handler.js';

@ApiTags('orders')
@Controller('api/orders')
export class GetOrderController {
  constructor(
    private readonly queries: QueryBus,
    private readonly answers: OrderAnswers,
  ) {}

  @Get(':id')
  @Authenticated()
  @ApiOperation({ summary: 'One order, as it is now' })
  @Answers(200, OrderAnswer, { example: orderExample })
  @Problems(404, 409)
  async get(@Caller() caller: Caller, @Param('id', { schema: OrderId }) id: string): Promise<OrderAnswer> {
    return this.answers.one(caller, await this.queries.execute(new GetOrder(caller, id)));
  }
}
