import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import { redisStore } from '@seam/messaging/redis';
import type { Settings } from '@seam/process';
import { PostgresStock } from './adapters/postgres-stock.js';
import { RedisStock } from './adapters/redis-stock.js';
import { ExpireReservations } from './features/expire-reservations/expire-reservations.js';
import { ListStockController } from './features/list-stock/list-stock.controller.js';
import { ListStockHandler } from './features/list-stock/list-stock.handler.js';
import { ProductChangedHandler } from './features/track-sku/product-changed.handler.js';
import { ReceiveStockController } from './features/receive-stock/receive-stock.controller.js';
import { ReceiveStockHandler } from './features/receive-stock/receive-stock.handler.js';
import { ReleaseStockHandler } from './features/release-stock/release-stock.handler.js';
import { ReserveStockHandler } from './features/reserve-stock/reserve-stock.handler.js';
import { CorrectStockController } from './features/correct-stock/correct-stock.controller.js';
import { CorrectStockHandler } from './features/correct-stock/correct-stock.handler.js';
import { DemoStockSeed } from './features/seed-demo-stock/demo-stock.seed.js';
import { OrderConfirmedHandler } from './features/sell-stock/order-confirmed.handler.js';
import { ViewStockController } from './features/view-stock/view-stock.controller.js';
import { ViewStockHandler } from './features/view-stock/view-stock.handler.js';
import { Stock1760100000000 } from './migrations/1760100000000-stock.js';
import { ExpiredReservations1760200000000 } from './migrations/1760200000000-expired-reservations.js';
import { Corrections1764150000000 } from './migrations/1764150000000-corrections.js';
import { StockReader } from './ports/stock.js';

const onPostgres = {
  store: postgresStore({
    migrations: [Stock1760100000000, ExpiredReservations1760200000000, Corrections1764150000000],
  }),
  adapters: [{ provide: StockReader, useClass: PostgresStock }],
};

const onRedis = {
  store: redisStore(),
  adapters: [{ provide: StockReader, useClass: RedisStock }],
};

@Module({
  imports: [CqrsModule],
  controllers: [
    ReserveStockHandler,
    ReleaseStockHandler,
    OrderConfirmedHandler,
    ProductChangedHandler,
    ViewStockController,
    ReceiveStockController,
    CorrectStockController,
    ListStockController,
  ],
  providers: [
    ViewStockHandler,
    ListStockHandler,
    ReceiveStockHandler,
    CorrectStockHandler,
    DemoStockSeed,
    ExpireReservations,
  ],
})
export class InventoryModule {
  /** Uses Redis if REDIS_URL is set, otherwise PostgreSQL. */
  static on({ redisUrl }: Settings): DynamicModule {
    const { store, adapters } = redisUrl === undefined ? onPostgres : onRedis;
    return {
      module: InventoryModule,
      imports: [MessagingModule.forService({ service: 'inventory', store })],
      providers: adapters,
    };
  }
}
