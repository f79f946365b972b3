import { Module } from '@nestjs/common';
import { ServiceModule, postgresStore } from '@seam/host';
import { PostgresSales } from './adapters/postgres-sales.js';
import { OrderEventsHandler } from './features/record-sales/order-events.handler.js';
import { ViewSalesController } from './features/view-sales/view-sales.controller.js';
import { ViewSummaryController } from './features/view-summary/view-summary.controller.js';
import { Sales1760100000000 } from './migrations/1760100000000-sales.js';
import { SalesReader } from './ports/sales.js';

@Module({
  imports: [
    ServiceModule.register({ service: 'analytics', store: postgresStore({ migrations: [Sales1760100000000] }) }),
  ],
  controllers: [OrderEventsHandler, ViewSummaryController, ViewSalesController],
  providers: [{ provide: SalesReader, useClass: PostgresSales }],
})
export class AnalyticsModule {}
