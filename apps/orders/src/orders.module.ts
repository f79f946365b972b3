import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { EventSourcingModule } from '@seam/event-sourcing';
import { Clock, systemClock } from '@seam/kernel';
import { MessagingModule } from '@seam/messaging';
import type { Settings } from '@seam/process';
import { SagaModule } from '@seam/saga';
import { EventSourcedOrders } from './adapters/event-sourced-orders.js';
import { onMongo } from './engines/on-mongodb.js';
import { onPostgres } from './engines/on-postgres.js';
import { CancelOrderController } from './features/cancel-order/cancel-order.controller.js';
import { CancelOrderHandler } from './features/cancel-order/cancel-order.handler.js';
import { SaleRefusedMessages } from './features/cancel-unsold/sale-refused.handler.js';
import { GetOrderController } from './features/get-order/get-order.controller.js';
import { GetOrderHandler } from './features/get-order/get-order.handler.js';
import { KeepCatalogueMessages } from './features/keep-catalogue/product-changed.handler.js';
import { ListOrdersController } from './features/list-orders/list-orders.controller.js';
import { ListOrdersHandler } from './features/list-orders/list-orders.handler.js';
import { AskForAccounts } from './features/keep-customers/ask-for-accounts.js';
import { KeepCustomersMessages } from './features/keep-customers/keep-customers.handler.js';
import { OrderAnswers } from './features/order-answers.js';
import { OrderHistoryController } from './features/order-history/order-history.controller.js';
import { OrderHistoryHandler } from './features/order-history/order-history.handler.js';
import { PlaceOrderController } from './features/place-order/place-order.controller.js';
import { PlaceOrderHandler } from './features/place-order/place-order.handler.js';
import { RebuildReadModelsController } from './features/rebuild-read-models/rebuild-read-models.controller.js';
import {
  GetRebuildHandler,
  RebuildReadModelsHandler,
} from './features/rebuild-read-models/rebuild-read-models.handler.js';
import { GetSagaHandler, ListSagasHandler } from './features/sagas/find-sagas.handler.js';
import { RedriveSagaHandler } from './features/sagas/redrive-saga.handler.js';
import { SagasController } from './features/sagas/sagas.controller.js';
import { ListSetAsideHandler } from './features/set-aside/list-set-aside.handler.js';
import {
  RetryAllSetAsideHandler,
  RetrySetAsideHandler,
  SetAsideRetry,
} from './features/set-aside/retry-set-aside.handler.js';
import { SetAsideController } from './features/set-aside/set-aside.controller.js';
import { ShipOrderController } from './features/ship-order/ship-order.controller.js';
import { ShipOrderHandler } from './features/ship-order/ship-order.handler.js';
import { Orders } from './ports/orders.js';
import { cancelOrderSaga } from './sagas/cancel-order.saga.js';
import { placeOrderSaga } from './sagas/place-order.saga.js';

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
    SetAsideController,
    RebuildReadModelsController,
    KeepCatalogueMessages,
    KeepCustomersMessages,
    SaleRefusedMessages,
  ],
  providers: [
    AskForAccounts,
    OrderAnswers,
    PlaceOrderHandler,
    CancelOrderHandler,
    ShipOrderHandler,
    GetOrderHandler,
    ListOrdersHandler,
    OrderHistoryHandler,
    ListSagasHandler,
    GetSagaHandler,
    RedriveSagaHandler,
    ListSetAsideHandler,
    RetryAllSetAsideHandler,
    RetrySetAsideHandler,
    SetAsideRetry,
    RebuildReadModelsHandler,
    GetRebuildHandler,
    { provide: Clock, useValue: systemClock },
    { provide: Orders, useClass: EventSourcedOrders },
  ],
})
export class OrdersModule {
  /** On MongoDB where MONGODB_URL names a server, else on PostgreSQL. */
  static on({ mongodbUrl }: Settings): DynamicModule {
    const { store, events, sagas, adapters } = mongodbUrl === undefined ? onPostgres : onMongo;
    const service = 'orders';
    const messaging = MessagingModule.forService({ service, store });
    const eventSourcing = EventSourcingModule.forService({
      service,
      imports: [messaging],
      engine: events,
      setAsideAt: 'GET /api/set-aside',
    });
    const sagaModule = SagaModule.forService({
      service,
      sagas: [placeOrderSaga, cancelOrderSaga],
      imports: [messaging, eventSourcing],
      finder: sagas,
    });
    return { module: OrdersModule, imports: [messaging, eventSourcing, sagaModule], providers: [...adapters] };
  }
}
