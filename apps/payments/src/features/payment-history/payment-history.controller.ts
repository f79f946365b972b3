import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Answers, Problems } from '@seam/host';
import { Id } from '@seam/kernel';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { PaymentHistory } from './payment-history.handler.js';

const at = z.iso.datetime();
const HistoryView = z.array(
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('known'), at, state: z.string() }).describe('It became known'),
    z.object({
      type: z.literal('changed'),
      at,
      cause: z
        .enum(['charge-ordered', 'refund-ordered', 'looked', 'notified'])
        .describe('looked: the provider was asked'),
      from: z.string(),
      to: z.string(),
      refunded: z.int().describe('Minor units refunded so far'),
    }),
    z
      .object({
        type: z.literal('provider-event'),
        at,
        event: z.object({ provider: z.string(), id: z.string(), type: z.string(), body: z.unknown() }),
      })
      .describe('A webhook event, as received'),
  ]),
);
type HistoryView = z.infer<typeof HistoryView>;

const time = '2026-11-22T09:30:00.050Z';
const body = { id: 'evt_1', type: 'charge.refunded', chargeKey: 'charge-0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50' };
const example: HistoryView = [
  { type: 'known', at: '2026-11-22T09:30:00.000Z', state: 'captured' },
  { type: 'provider-event', at: time, event: { provider: 'fake', id: 'evt_1', type: 'charge.refunded', body } },
  { type: 'changed', at: time, cause: 'looked', from: 'captured', to: 'refunded', refunded: 2598 },
];

@ApiTags('payments')
@Controller('api/payments')
export class PaymentHistoryController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':orderId/events')
  @Staff()
  @ApiOperation({ summary: 'The history of an order’s payment and the provider’s events about it, oldest first' })
  @Answers(200, HistoryView, { example })
  @Problems(404)
  async view(@Param('orderId', { schema: Id }) orderId: string): Promise<HistoryView> {
    const entries = await this.queries.execute(new PaymentHistory(orderId));
    return entries.map((entry) => ({ ...entry, at: entry.at.toISOString() }) as HistoryView[number]);
  }
}
