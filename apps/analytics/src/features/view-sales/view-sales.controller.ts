import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Answers } from '@seam/host';
import { systemClock } from '@seam/kernel';
import { Staff } from '@seam/security';
import { periodOf, SalesQuery, SalesView, salesView } from './view-sales.dto.js';
import { ViewSales } from './view-sales.handler.js';

const example: SalesView = {
  items: [
    {
      start: '2026-01-31T12:00:00.000Z',
      placed: 4,
      confirmed: 3,
      cancelled: 1,
      revenue: [{ amount: 3897, currency: 'EUR' }],
    },
  ],
};

@ApiTags('analytics')
@Controller('api/analytics')
export class ViewSalesController {
  constructor(private readonly queries: QueryBus) {}

  @Get('sales')
  @Staff()
  @ApiOperation({
    summary: 'Orders and revenue over time',
    description: 'At most 92 days by hour, or 1830 days by day. Each event is counted in the bucket of its own time.',
  })
  @Answers(200, SalesView, { example })
  async view(@Query({ schema: SalesQuery }) query: SalesQuery): Promise<SalesView> {
    const period = periodOf(query, systemClock.now());
    return salesView(await this.queries.execute(new ViewSales(period)));
  }
}
