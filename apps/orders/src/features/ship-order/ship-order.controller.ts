import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { eventWork, fold } from '@seam/event-sourcing';
import { Answers, Problems, Takes } from '@seam/host';
import { Clock, text } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { Caller, Staff } from '@seam/security';
import { z } from 'zod';
import { ship } from '../../domain/decide.js';
import { OrderAggregate } from '../../domain/order.js';
import { published } from '../../domain/published.js';
import { OrderAnswer, orderAnswer, orderExample, OrderId, visibleTo } from '../answers.js';

const ShipmentBody = z.strictObject({ tracking: text({ max: 100 }).trim().min(1) });

@ApiTags('orders')
@Controller('api/orders')
export class ShipOrderController {
  constructor(
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {}

  @Post(':id/shipments')
  @Staff()
  @ApiOperation({ summary: 'Record that a confirmed order has left the house' })
  @Takes(ShipmentBody, { 'A parcel': { tracking: 'JD0146000003' } })
  @Answers(201, OrderAnswer, {
    example: { ...orderExample, status: 'shipped', shipment: { tracking: 'JD0146000003' } },
  })
  @Problems(404, 409)
  ship(
    @Caller() caller: Caller,
    @Param('id', { schema: OrderId }) id: string,
    @Body({ schema: ShipmentBody }) { tracking }: z.infer<typeof ShipmentBody>,
  ): Promise<OrderAnswer> {
    const at = this.clock.now().toISOString();
    return this.committer.commit(
      eventWork({ order: { aggregate: OrderAggregate, id } }, ({ order }) => {
        const events = ship(visibleTo(caller, order), tracking, at);
        const shipped = orderAnswer(fold(OrderAggregate, events, order));
        return { events: { order: events }, messages: published(order, events), value: shipped };
      }),
    );
  }
}
