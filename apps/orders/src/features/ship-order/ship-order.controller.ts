import { Body, Controller, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus } from '@seam/cqrs';
import { answerPosition } from '@seam/event-sourcing/http';
import { Answers, Problems, RequestBody } from '@seam/host';
import { text } from '@seam/kernel';
import { Caller, Staff } from '@seam/security';
import type { Response } from 'express';
import { z } from 'zod';
import { OrderAnswer, orderExample, OrderId } from '../order.dto.js';
import { OrderAnswers } from '../order-answers.js';
import { ShipOrder } from './ship-order.handler.js';

const ShipmentBody = z.strictObject({ tracking: text({ max: 100 }).trim().min(1) });

@ApiTags('orders')
@Controller('api/orders')
export class ShipOrderController {
  constructor(
    private readonly commands: CommandBus,
    private readonly answers: OrderAnswers,
  ) {}

  @Post(':id/shipments')
  @Staff()
  @ApiOperation({ summary: 'Record that a confirmed order has been shipped' })
  @RequestBody(ShipmentBody, { 'A parcel': { tracking: 'JD0146000003' } })
  @Answers(201, OrderAnswer, {
    example: { ...orderExample, status: 'shipped', shipment: { tracking: 'JD0146000003' } },
  })
  @Problems(404, 409)
  async ship(
    @Caller() caller: Caller,
    @Param('id', { schema: OrderId }) id: string,
    @Body({ schema: ShipmentBody }) { tracking }: z.infer<typeof ShipmentBody>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<OrderAnswer> {
    const done = await this.commands.execute(new ShipOrder(caller, id, tracking));
    return this.answers.one(caller, answerPosition(response, done));
  }
}
