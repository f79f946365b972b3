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
 * An order's way to confirmed. A refusal, or the customer's request, undoes what was done in reverse. No step is ever
 * assumed to have failed: one that is not answered is sent again, and in the end parked for an operator.
 */
export const placeOrderSaga = defineSaga<PlaceOrderData>()({
  name: 'place-order',
  version: 1,
  aggregate: OrderAggregate,
  aggregateId: (data) => data.orderId,
})
  .step('place-order', { do: { kind: 'started' }, undo: { kind: 'local', decide: cancelLocally } })
  .step('reserve-stock', {
    do: send(ReserveStock, ({ orderId, lines }) => ({ orderId, lines: [...lines] })),
    undo: send(ReleaseStock, ({ orderId }) => ({ orderId })),
  })
  .step('charge-payment', {
    do: send(ChargePayment, ({ orderId, userId, total, payment }) => ({ orderId, userId, amount: total, payment })),
    undo: send(RefundPayment, ({ orderId, userId }) => ({ orderId, userId })),
    timeLimitMs: 30_000,
  })
  .step('confirm-order', { do: { kind: 'local', decide: confirmLocally } })
  .step('send-confirmation', {
    do: send(SendNotification, ({ orderId, userId, total }) => ({ orderId, userId, total, kind: 'order-confirmed' })),
    undo: send(CancelNotification, ({ orderId, userId }) => ({ orderId, userId, kind: 'order-confirmed' })),
    patient: true,
  })
  .build();

function confirmLocally(order: Order, _: PlaceOrderData, { at }: LocalContext): LocalResult<OrderEvent> {
  const events = confirm(order, at);
  return 'refused' in events ? events : { events, messages: published(order, events) };
}
