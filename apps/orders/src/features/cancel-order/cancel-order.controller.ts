import { Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus } from '@seam/cqrs';
import { answerPosition } from '@seam/event-sourcing/http';
import { Answers, Problems } from '@seam/host';
import { Authenticated, Caller } from '@seam/security';
import type { Response } from 'express';
import { OrderAnswer, orderExample, OrderId } from '../order.dto.js';
import { OrderAnswers } from '../order-answers.js';
import { CancelOrder } from './cancel-order.handler.js';

@ApiTags('orders')
@Controller('api/orders')
export class CancelOrderController {
  constructor(
    private readonly commands: CommandBus,
    private readonly answers: OrderAnswers,
  ) {}

  @Post(':id/cancel')
  @HttpCode(202)
  @Authenticated()
  @ApiOperation({
    summary: 'Cancel an order that has not been shipped',
    description:
      'Accepted: the status is cancelling while payment and stock are returned, and then cancelled. A conflict if the ' +
      'order has been shipped, or if its cancellation is parked and waits for staff; the answer says why.',
  })
  @Answers(202, OrderAnswer, { example: { ...orderExample, status: 'cancelling' } })
  @Problems(404, 409)
  async cancel(
    @Caller() caller: Caller,
    @Param('id', { schema: OrderId }) id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<OrderAnswer> {
    const done = await this.commands.execute(new CancelOrder(caller, id));
    return this.answers.one(caller, answerPosition(response, done));
  }
}
