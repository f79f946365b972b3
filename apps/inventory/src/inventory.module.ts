import { type DynamicModule, Module } from '@nestjs/common';
import { postgresStore, redisStore, ServiceModule, type Settings } from '@seam/host';
import { PostgresStock } from './adapters/postgres-stock.js';
import { RedisStock } from './adapters/redis-stock.js';
import { ExpireReservations } from './features/expire-reservations/expire-reservations.js';
import { ProductChangedHandler } from './features/open-account/product-changed.handler.js';
import { ReceiveStockController } from './features/receive-stock/receive-stock.controller.js';
import { ReleaseStockHandler } from './features/release-stock/release-stock.handler.js';
import { ReserveStockHandler } from './features/reserve-stock/reserve-stock.handler.js';
import { DemoStockSeed } from './features/seed-demo-stock/demo-stock.seed.js';
import { OrderConfirmedHandler } from './features/sell-stock/order-confirmed.handler.js';
import { ViewStockController } from './features/view-stock/view-stock.controller.js';
import { Stock1760100000000 } from './migrations/1760100000000-stock.js';
import { ExpiredReservations1760200000000 } from './migrations/1760200000000-expired-reservations.js';
import { StockReader } from './ports/stock.js';

const onPostgres = {
  store: postgresStore({ migrations: [Stock1760100000000, ExpiredReservations1760200000000] }),
  adapters: [{ provide: StockReader, useClass: PostgresStock }],
};

const onRedis = {
  store: redisStore(),
  adapters: [{ provide: StockReader, useClass: RedisStock }],
};

@Module({
  controllers: [
    ReserveStockHandler,
    ReleaseStockHandler,
    OrderConfirmedHandler,
    ProductChangedHandler,
    ViewStockController,
    ReceiveStockController,
  ],
  providers: [DemoStockSeed, ExpireReservations],
})
export class InventoryModule {
  /** On Redis where REDIS_URL names a server, else on PostgreSQL. */
  static on({ redisUrl }: Settings): DynamicModule {
    const { store, adapters } = redisUrl === undefined ? onPostgres : onRedis;
    return {
      module: InventoryModule,
      imports: [ServiceModule.register({ service: 'inventory', store })],
      providers: adapters,
    };
  }
}
