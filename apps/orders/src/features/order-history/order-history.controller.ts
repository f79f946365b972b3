import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Answers, Problems } from '@seam/host';
import { Authenticated, Caller } from '@seam/security';
import { z } from 'zod';
import { OrderId } from '../order.dto.js';
import { type HistoryEntry, OrderHistory } from './order-history.handler.js';

const Metadata = z
  .object({
    causationId: z.string().optional().describe('Id of the message whose handling decided the event'),
    traceId: z.string().optional().describe('Of the request that decided the event, if no message did: its X-Trace-Id'),
    correlationId: z.string().optional().describe('Of the business process: the id of the order'),
    actor: z.object({ id: z.string(), role: z.string() }).optional().describe('Who made the request'),
  })
  .describe('Only for staff: why the event was stored. Missing in events from before this was stored');

const HistoryAnswer = z.array(
  z.object({
    version: z.int(),
    type: z.string(),
    at: z.iso.datetime(),
    data: z.record(z.string(), z.unknown()),
    schemaVersion: z.int().optional().describe('Only for staff: of the form in which the event is stored'),
    metadata: Metadata.optional(),
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
    return (await this.queries.execute(new OrderHistory(caller, id))).map((event) =>
      entry(event, caller.role === 'staff'),
    );
  }
}

/** Without the fingerprint, which only serves to recognise a repeated request. */
function entry(
  { version, type, at, data, storedAs, metadata }: HistoryEntry,
  forStaff: boolean,
): HistoryAnswer[number] {
  const { fingerprint: _, ...shown } = data as Record<string, unknown>;
  const entry = { version, type, at, data: shown };
  if (!forStaff) return entry;
  return { ...entry, schemaVersion: storedAs, ...(metadata === undefined ? {} : { metadata }) };
}
