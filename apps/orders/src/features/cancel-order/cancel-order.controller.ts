import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus } from '@seam/cqrs';
import { Answers, Problems } from '@seam/host';
import { Authenticated, Caller } from '@seam/security';
import { OrderAnswer, orderAnswer, orderExample, OrderId } from '../answers.js';
import { CancelOrder } from './cancel-order.handler.js';

@ApiTags('orders')
@Controller('api/orders')
export class CancelOrderController {
  constructor(private readonly commands: CommandBus) {}

  @Post(':id/cancel')
  @HttpCode(202)
  @Authenticated()
  @ApiOperation({
    summary: 'Cancel an order that has not been shipped',
    description: 'Accepted: the money goes back, the stock, and then the order shows as cancelled.',
  })
  @Answers(202, OrderAnswer, { example: orderExample })
  @Problems(404, 409)
  async cancel(@Caller() caller: Caller, @Param('id', { schema: OrderId }) id: string): Promise<OrderAnswer> {
    return orderAnswer(await this.commands.execute(new CancelOrder(caller, id)));
  }
}
