import { Module } from '@nestjs/common';
import { ServiceModule, postgresStore } from '@seam/host';
import { PostgresStock } from './adapters/postgres-stock.js';
import { ProductChangedHandler } from './features/open-account/product-changed.handler.js';
import { ReceiveStockController } from './features/receive-stock/receive-stock.controller.js';
import { ReleaseStockHandler } from './features/release-stock/release-stock.handler.js';
import { ReserveStockHandler } from './features/reserve-stock/reserve-stock.handler.js';
import { DemoStockSeed } from './features/seed-demo-stock/demo-stock.seed.js';
import { OrderConfirmedHandler } from './features/sell-stock/order-confirmed.handler.js';
import { ViewStockController } from './features/view-stock/view-stock.controller.js';
import { Stock1760100000000 } from './migrations/1760100000000-stock.js';
import { StockReader } from './ports/stock.js';

@Module({
  imports: [
    ServiceModule.register({ service: 'inventory', store: postgresStore({ migrations: [Stock1760100000000] }) }),
  ],
  controllers: [
    ReserveStockHandler,
    ReleaseStockHandler,
    OrderConfirmedHandler,
    ProductChangedHandler,
    ViewStockController,
    ReceiveStockController,
  ],
  providers: [{ provide: StockReader, useClass: PostgresStock }, DemoStockSeed],
})
export class InventoryModule {}
