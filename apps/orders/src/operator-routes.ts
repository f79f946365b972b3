import { eventSourcingRoutes } from '@seam/event-sourcing/http';
import { sagaRoutes } from '@seam/saga/http';
import { z } from 'zod';
import { OrderId } from './features/order.dto.js';

/** The staff's routes for set-aside entries and for the rebuild of the lists. */
export const eventRoutes = eventSourcingRoutes({
  setAside: {
    path: 'api/set-aside',
    example: {
      what: 'order-list',
      stream: 'order-3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d',
      reason: 'event 3 (order-gift-wrapped): unexpected case',
    },
  },
  readModels: { path: 'api/orders/read-models', tag: 'orders', lists: 'orders and sagas', example: 'order-list' },
});

/** The staff's routes for sagas, which are searched by order. */
export const orderSagaRoutes = sagaRoutes({
  path: 'api/sagas',
  correlation: { name: 'orderId', answer: z.uuid(), query: OrderId },
  example: {
    definition: 'place-order',
    correlationId: '3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d',
    step: 'reserve-stock',
  },
});
