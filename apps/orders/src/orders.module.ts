import { Inject, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import {
  EventKind,
  EventStore,
  EventTables1760000001000,
  EventWorkAdapter,
  PostgresEventStore,
} from '@seam/event-sourcing';
import { DrainRegistry, ProcessContext, ServiceModule, postgresStore } from '@seam/host';
import { Clock, systemClock } from '@seam/kernel';
import { Committer, PostgresCommitter } from '@seam/messaging';
import { Database } from '@seam/persistence';
import { SagaFinder, SagaRunner, SagaTables1760000002000, SagaTimers } from '@seam/saga';
import { EventSourcedOrders } from './adapters/event-sourced-orders.js';
import { PostgresCatalogue } from './adapters/postgres-catalogue.js';
import { CancelOrderController } from './features/cancel-order/cancel-order.controller.js';
import { CancelOrderHandler } from './features/cancel-order/cancel-order.handler.js';
import { GetOrderController } from './features/get-order/get-order.controller.js';
import { KeepCatalogueMessages } from './features/keep-catalogue/keep-catalogue.messages.js';
import { ListOrdersController } from './features/list-orders/list-orders.controller.js';
import { OrderHistoryController } from './features/order-history/order-history.controller.js';
import { PlaceOrderController } from './features/place-order/place-order.controller.js';
import { PlaceOrderHandler } from './features/place-order/place-order.handler.js';
import { RebuildReadModelsController } from './features/rebuild-read-models/rebuild-read-models.controller.js';
import { SagaRepliesMessages } from './features/saga-replies/saga-replies.messages.js';
import { SagasController } from './features/sagas/sagas.controller.js';
import { ShipOrderController } from './features/ship-order/ship-order.controller.js';
import { OrdersTables1760000010000 } from './migrations/orders-tables.js';
import { Catalogue } from './ports/catalogue.js';
import { Orders } from './ports/orders.js';
import { OrderFinder } from './projections/order-view.js';
import { ReadModels } from './read-models.js';
import { cancelOrderSaga } from './sagas/cancel-order.saga.js';
import { placeOrderSaga } from './sagas/place-order.saga.js';

/** Streams kept in memory where this process alone appends to them: enough for the orders of a few busy seconds. */
const CACHED_STREAMS = 20_000;

@Injectable()
class SagaTimersLifecycle implements OnApplicationBootstrap {
  constructor(
    @Inject(SagaTimers) private readonly timers: SagaTimers,
    private readonly drains: DrainRegistry,
  ) {}

  onApplicationBootstrap(): void {
    this.timers.start();
    this.drains.add({ name: 'orders saga timers', drain: () => this.timers.stop() });
  }
}

@Module({
  imports: [
    CqrsModule,
    ServiceModule.register({
      service: 'orders',
      store: postgresStore({
        migrations: [EventTables1760000001000, SagaTables1760000002000, OrdersTables1760000010000],
      }),
    }),
  ],
  controllers: [
    PlaceOrderController,
    ListOrdersController,
    GetOrderController,
    OrderHistoryController,
    CancelOrderController,
    ShipOrderController,
    SagasController,
    RebuildReadModelsController,
    KeepCatalogueMessages,
    SagaRepliesMessages,
  ],
  providers: [
    PlaceOrderHandler,
    CancelOrderHandler,
    ReadModels,
    SagaTimersLifecycle,
    { provide: Clock, useValue: systemClock },
    { provide: Catalogue, useClass: PostgresCatalogue },
    { provide: Orders, useClass: EventSourcedOrders },
    { provide: EventStore, inject: [Database], useFactory: (db: Database) => new PostgresEventStore(db.pool) },
    { provide: OrderFinder, inject: [Database], useFactory: (db: Database) => new OrderFinder(db) },
    { provide: SagaFinder, inject: [Database], useFactory: (db: Database) => new SagaFinder(db) },
    {
      provide: SagaRunner,
      inject: [Clock],
      useFactory: (clock: Clock) => new SagaRunner('orders', [placeOrderSaga, cancelOrderSaga], clock),
    },
    {
      provide: SagaTimers,
      inject: [SagaFinder, SagaRunner, Committer, Clock],
      useFactory: (sagas: SagaFinder, runner: SagaRunner, committer: Committer, clock: Clock) =>
        new SagaTimers({ sagas, runner, committer, clock }),
    },
    {
      provide: EventWorkAdapter,
      inject: [EventStore, PostgresCommitter, ProcessContext, ReadModels],
      useFactory: (store: EventStore, committer: PostgresCommitter, context: ProcessContext, models: ReadModels) => {
        const adapter = new EventWorkAdapter(store, context.exclusiveStore ? CACHED_STREAMS : 0, () => models.wake());
        committer.register(EventKind, adapter);
        return adapter;
      },
    },
  ],
})
export class OrdersModule {}
