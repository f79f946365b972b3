import { type DynamicModule, Inject, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { DrainRegistry, ServiceModule, type Settings } from '@seam/host';
import { Clock, systemClock } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { SagaFinder, SagaRunner, SagaTimers } from '@seam/saga';
import { EventSourcedOrders } from './adapters/event-sourced-orders.js';
import { onMongo } from './engines/on-mongodb.js';
import { onPostgres } from './engines/on-postgres.js';
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
import { OrdersMetrics } from './orders-metrics.js';
import { Orders } from './ports/orders.js';
import { cancelOrderSaga } from './sagas/cancel-order.saga.js';
import { placeOrderSaga } from './sagas/place-order.saga.js';

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
  imports: [CqrsModule],
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
    OrdersMetrics,
    PlaceOrderHandler,
    CancelOrderHandler,
    SagaTimersLifecycle,
    { provide: Clock, useValue: systemClock },
    { provide: Orders, useClass: EventSourcedOrders },
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
  ],
})
export class OrdersModule {
  /** On MongoDB where MONGODB_URL names a server, else on PostgreSQL. */
  static on({ mongodbUrl }: Settings): DynamicModule {
    const { store, adapters } = mongodbUrl === undefined ? onPostgres : onMongo;
    return {
      module: OrdersModule,
      imports: [ServiceModule.register({ service: 'orders', store })],
      providers: [...adapters],
    };
  }
}
