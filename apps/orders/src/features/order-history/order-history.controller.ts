import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import type { RecordedEvent } from '@seam/event-sourcing';
import { Answers, Problems } from '@seam/host';
import { Authenticated, Caller } from '@seam/security';
import { z } from 'zod';
import { OrderId } from '../order.dto.js';
import { OrderHistory } from './order-history.handler.js';

const HistoryAnswer = z.array(
  z.object({
    version: z.int(),
    type: z.string(),
    at: z.iso.datetime(),
    data: z.record(z.string(), z.unknown()),
  }),
);
type HistoryAnswer = z.infer<typeof HistoryAnswer>;

@ApiTags('orders')
@Controller('api/orders')
export class OrderHistoryController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':id/events')
  @Authenticated()
  @ApiOperation({ summary: "An order's history, oldest first" })
  @Answers(200, HistoryAnswer, {
    example: [{ version: 2, type: 'order-confirmed', at: '2026-11-22T09:30:00.412Z', data: {} }],
  })
  @Problems(404, 409)
  async history(@Caller() caller: Caller, @Param('id', { schema: OrderId }) id: string): Promise<HistoryAnswer> {
    return (await this.queries.execute(new OrderHistory(caller, id))).map(entry);
  }
}

/** Without the fingerprint, which only serves to recognise a repeated request. */
function entry({ version, type, at, data }: RecordedEvent): HistoryAnswer[number] {
  const { fingerprint: _, ...shown } = data as Record<string, unknown>;
  return { version, type, at, data: shown };
}
