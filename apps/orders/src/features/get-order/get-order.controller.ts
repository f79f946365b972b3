import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Problems } from '@seam/host';
import { Authenticated, Caller } from '@seam/security';
import { Orders } from '../../ports/orders.js';
import { OrderAnswer, orderAnswer, orderExample, OrderId, visibleTo } from '../answers.js';

@ApiTags('orders')
@Controller('api/orders')
export class GetOrderController {
  constructor(private readonly orders: Orders) {}

  @Get(':id')
  @Authenticated()
  @ApiOperation({ summary: 'One order, as it is now' })
  @Answers(200, OrderAnswer, { example: orderExample })
  @Problems(404)
  async get(@Caller() caller: Caller, @Param('id', { schema: OrderId }) id: string): Promise<OrderAnswer> {
    return orderAnswer(visibleTo(caller, await this.orders.get(id)));
  }
}
