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
import { KeepCardKeyMessages } from './features/seal-cards/card-key-published.handler.js';
import { CardSealer } from './features/seal-cards/card-sealer.js';
import { ShipOrderController } from './features/ship-order/ship-order.controller.js';
import { ShipOrderHandler } from './features/ship-order/ship-order.handler.js';
import { eventRoutes, orderSagaRoutes } from './operator-routes.js';
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
    KeepCatalogueMessages,
    KeepCustomersMessages,
    KeepCardKeyMessages,
    SaleRefusedMessages,
  ],
  providers: [
    AskForAccounts,
    OrderAnswers,
    CardSealer,
    PlaceOrderHandler,
    CancelOrderHandler,
    ShipOrderHandler,
    GetOrderHandler,
    ListOrdersHandler,
    OrderHistoryHandler,
    { provide: Clock, useValue: systemClock },
    { provide: Orders, useClass: EventSourcedOrders },
  ],
})
export class OrdersModule {
  /** Uses MongoDB if MONGODB_URL is set, otherwise PostgreSQL. */
  static on({ mongodbUrl }: Settings): DynamicModule {
    const { store, events, sagas, adapters } = mongodbUrl === undefined ? onPostgres : onMongo;
    const service = 'orders';
    return {
      module: OrdersModule,
      imports: [
        MessagingModule.forService({ service, store }),
        EventSourcingModule.forService({ service, engine: events, http: eventRoutes }),
        SagaModule.forService({
          service,
          sagas: [placeOrderSaga, cancelOrderSaga],
          engine: sagas,
          http: orderSagaRoutes,
        }),
      ],
      providers: [...adapters],
    };
  }
}
