import {
  CancelNotification,
  ChargePayment,
  RefundPayment,
  ReleaseStock,
  ReserveStock,
  SendNotification,
} from '@seam/contracts';
import { defineSaga, type LocalContext, type LocalResult, send } from '@seam/saga';
import { confirm } from '../domain/decide.js';
import { type Order, OrderAggregate, type OrderEvent } from '../domain/order.js';
import { published } from '../domain/published.js';
import { cancelLocally, type PlaceOrderData } from './order-data.js';

/**
 * Confirms a placed order. After a refusal, or a cancellation by the customer, the steps that are done are compensated in
 * reverse order. A step without a reply is never assumed to have failed: its command is sent again, and at last the saga is
 * parked for an operator.
 */
export const placeOrderSaga = defineSaga<PlaceOrderData>()({
  name: 'place-order',
  version: 1,
  aggregate: OrderAggregate,
  aggregateId: (data) => data.orderId,
})
  .step('place-order', { do: { kind: 'started' }, compensate: { kind: 'local', decide: cancelLocally } })
  .step('reserve-stock', {
    do: send(ReserveStock, ({ orderId, lines }) => ({ orderId, lines: [...lines] })),
    compensate: send(ReleaseStock, ({ orderId }) => ({ orderId })),
  })
  .step('charge-payment', {
    do: send(ChargePayment, ({ orderId, userId, total, payment }) => ({ orderId, userId, amount: total, payment })),
    compensate: send(RefundPayment, ({ orderId, userId }) => ({ orderId, userId })),
    timeoutMs: 30_000,
  })
  .step('confirm-order', { do: { kind: 'local', decide: confirmLocally } })
  .step('send-confirmation', {
    do: send(SendNotification, ({ orderId, userId, total }) => ({ orderId, userId, total, kind: 'order-confirmed' })),
    compensate: send(CancelNotification, ({ orderId, userId }) => ({ orderId, userId, kind: 'order-confirmed' })),
    lowPriority: true,
  })
  .build();

function confirmLocally(order: Order, _: PlaceOrderData, { at }: LocalContext): LocalResult<OrderEvent> {
  const events = confirm(order, at);
  return 'refused' in events ? events : { events, messages: published(order, events) };
}
