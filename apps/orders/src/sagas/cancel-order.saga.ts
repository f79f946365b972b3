import { RefundPayment, ReleaseStock, SendNotification } from '@seam/contracts';
import { defineSaga, send } from '@seam/saga';
import { OrderAggregate } from '../domain/order.js';
import { type CancelOrderData, cancelLocally } from './order-data.js';

/** Cancels a confirmed order: refunds the payment, releases the stock, cancels the order and informs the customer. */
export const cancelOrderSaga = defineSaga<CancelOrderData>()({
  name: 'cancel-order',
  version: 1,
  aggregate: OrderAggregate,
  aggregateId: (data) => data.orderId,
})
  .step('request-cancellation', { do: { kind: 'started' } })
  .step('refund-payment', {
    do: send(RefundPayment, ({ orderId, userId }) => ({ orderId, userId })),
    timeoutMs: 30_000,
  })
  .step('release-stock', { do: send(ReleaseStock, ({ orderId }) => ({ orderId })) })
  .step('cancel-order', { do: { kind: 'local', decide: cancelLocally } })
  .step('send-cancellation', {
    do: send(SendNotification, ({ orderId, userId, total, code = 'CUSTOMER_REQUEST' }) => ({
      orderId,
      userId,
      total,
      code,
      kind: 'order-cancelled' as const,
    })),
    lowPriority: true,
  })
  .build();
