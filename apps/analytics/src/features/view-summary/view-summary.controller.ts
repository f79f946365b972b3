import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Answers } from '@seam/host';
import { Staff } from '@seam/security';
import { SummaryView, summaryView } from './summary.dto.js';
import { ViewSummary } from './view-summary.handler.js';

const example: SummaryView = {
  orders: { placed: 40, confirmed: 36, cancelled: 4, shipped: 20 },
  revenue: [{ amount: 83_100, currency: 'EUR' }],
  cancellations: { OUT_OF_STOCK: 1, PAYMENT_DECLINED: 3 },
};

@ApiTags('analytics')
@Controller('api/analytics')
export class ViewSummaryController {
  constructor(private readonly queries: QueryBus) {}

  @Get('summary')
  @Staff()
  @ApiOperation({ summary: 'Orders, revenue and cancellations since the beginning' })
  @Answers(200, SummaryView, { example })
  async summary(): Promise<SummaryView> {
    return summaryView(await this.queries.execute(new ViewSummary()));
  }
}
