import {
  CancelNotification,
  ChargePayment,
  RefundPayment,
  ReleaseStock,
  ReserveStock,
  SendNotification,
} from '@seam/contracts';
import { type DecisionResult, saga, type SagaContext, send } from '@seam/saga';
import { confirm } from '../domain/decide.js';
import { type Order, OrderAggregate, type OrderEvent } from '../domain/order.js';
import { published } from '../domain/published.js';
import { cancelLocally, PlaceOrderData } from './order-data.js';

/**
 * Confirms a placed order. After a refusal, or a cancellation by the customer, the steps that are done are compensated in
 * reverse order. A step without a reply is never assumed to have failed: its command is sent again, and at last the saga is
 * parked for an operator.
 */
export const placeOrderSaga = saga('place-order', {
  version: 1,
  input: PlaceOrderData,
  aggregate: OrderAggregate,
  aggregateId: ({ orderId }) => orderId,
})
  .started('place-order', { compensate: cancelLocally })
  .call(
    'reserve-stock',
    send(ReserveStock, ({ input: { orderId, lines } }) => ({ orderId, lines })),
    { compensate: send(ReleaseStock, ({ input: { orderId } }) => ({ orderId })) },
  )
  .call(
    'charge-payment',
    send(ChargePayment, ({ input: { orderId, userId, total, payment } }) => ({
      orderId,
      userId,
      amount: total,
      payment,
    })),
    {
      compensate: send(RefundPayment, ({ input: { orderId, userId } }) => ({ orderId, userId })),
      attemptTimeoutMs: 30_000,
    },
  )
  .decide('confirm-order', confirmLocally)
  .call(
    'send-confirmation',
    send(SendNotification, ({ input: { orderId, userId, total } }) => ({
      orderId,
      userId,
      total,
      kind: 'order-confirmed' as const,
    })),
    {
      compensate: send(CancelNotification, ({ input: { orderId, userId } }) => ({
        orderId,
        userId,
        kind: 'order-confirmed' as const,
      })),
      lowPriority: true,
    },
  );

function confirmLocally({ state: order, at }: SagaContext<PlaceOrderData, Order>): DecisionResult<OrderEvent> {
  const events = confirm(order, at);
  return 'refused' in events ? events : { events, messages: published(order, events) };
}
