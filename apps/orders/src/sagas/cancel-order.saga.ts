import { RefundPayment, ReleaseStock, SendNotification } from '@seam/contracts';
import { saga, send } from '@seam/saga';
import { OrderAggregate } from '../domain/order.js';
import { CancelOrderData, cancelLocally } from './order-data.js';

/** Cancels a confirmed order: refunds the payment, releases the stock, cancels the order and informs the customer. */
export const cancelOrderSaga = saga('cancel-order', {
  version: 1,
  input: CancelOrderData,
  aggregate: OrderAggregate,
  aggregateId: ({ orderId }) => orderId,
})
  .started('request-cancellation')
  .call(
    'refund-payment',
    send(RefundPayment, ({ input: { orderId, userId } }) => ({ orderId, userId })),
    { attemptTimeoutMs: 30_000 },
  )
  .call(
    'release-stock',
    send(ReleaseStock, ({ input: { orderId } }) => ({ orderId })),
  )
  .decide('cancel-order', cancelLocally)
  .call(
    'send-cancellation',
    send(SendNotification, ({ input: { orderId, userId, total, code = 'CUSTOMER_REQUEST' } }) => ({
      orderId,
      userId,
      total,
      code,
      kind: 'order-cancelled' as const,
    })),
    { lowPriority: true },
  );
