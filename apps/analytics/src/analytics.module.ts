import { type DynamicModule, Module } from '@nestjs/common';
import { clickHouseStore, postgresStore, ServiceModule, type Settings } from '@seam/host';
import { ClickHouseSales } from './adapters/clickhouse-sales.js';
import { PostgresSales } from './adapters/postgres-sales.js';
import { OrderEventsHandler } from './features/record-sales/order-events.handler.js';
import { ViewSalesController } from './features/view-sales/view-sales.controller.js';
import { ViewSummaryController } from './features/view-summary/view-summary.controller.js';
import { Sales1760100000000 } from './migrations/1760100000000-sales.js';
import { salesTables } from './migrations/clickhouse-sales.js';
import { SalesReader } from './ports/sales.js';

const onPostgres = {
  store: postgresStore({ migrations: [Sales1760100000000] }),
  adapters: [{ provide: SalesReader, useClass: PostgresSales }],
};

const onClickHouse = {
  store: clickHouseStore({ tables: salesTables }),
  adapters: [{ provide: SalesReader, useClass: ClickHouseSales }],
};

@Module({ controllers: [OrderEventsHandler, ViewSummaryController, ViewSalesController] })
export class AnalyticsModule {
  /** On ClickHouse where CLICKHOUSE_URL names a server, else on PostgreSQL. */
  static on({ clickhouseUrl }: Settings): DynamicModule {
    const { store, adapters } = clickhouseUrl === undefined ? onPostgres : onClickHouse;
    return {
      module: AnalyticsModule,
      imports: [ServiceModule.register({ service: 'analytics', store })],
      providers: adapters,
    };
  }
}
