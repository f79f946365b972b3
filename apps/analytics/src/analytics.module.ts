import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { clickHouseStore } from '@seam/messaging/clickhouse';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import type { Settings } from '@seam/process';
import { ClickHouseSales } from './adapters/clickhouse-sales.js';
import { PostgresSales } from './adapters/postgres-sales.js';
import { OrderEventsHandler } from './features/record-sales/order-events.handler.js';
import { ViewSalesController } from './features/view-sales/view-sales.controller.js';
import { ViewSalesHandler } from './features/view-sales/view-sales.handler.js';
import { ViewSummaryController } from './features/view-summary/view-summary.controller.js';
import { ViewSummaryHandler } from './features/view-summary/view-summary.handler.js';
import { Sales1760100000000 } from './migrations/1760100000000-sales.js';
import { ExactRevenue1764160000000 } from './migrations/1764160000000-exact-revenue.js';
import { salesTables } from './migrations/clickhouse-sales.js';
import { SalesReader } from './ports/sales.js';

const onPostgres = {
  store: postgresStore({ migrations: [Sales1760100000000, ExactRevenue1764160000000] }),
  adapters: [{ provide: SalesReader, useClass: PostgresSales }],
};

const onClickHouse = {
  store: clickHouseStore({ tables: salesTables }),
  adapters: [{ provide: SalesReader, useClass: ClickHouseSales }],
};

@Module({
  imports: [CqrsModule],
  controllers: [OrderEventsHandler, ViewSummaryController, ViewSalesController],
  providers: [ViewSummaryHandler, ViewSalesHandler],
})
export class AnalyticsModule {
  /** Uses ClickHouse if CLICKHOUSE_URL is set, otherwise PostgreSQL. */
  static on({ clickhouseUrl }: Settings): DynamicModule {
    const { store, adapters } = clickhouseUrl === undefined ? onPostgres : onClickHouse;
    return {
      module: AnalyticsModule,
      imports: [MessagingModule.forService({ service: 'analytics', store })],
      providers: adapters,
    };
  }
}
