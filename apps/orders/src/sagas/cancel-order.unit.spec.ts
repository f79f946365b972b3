import { done, redriven, runSaga, sagaSpecification, timedOut } from '@seam/testing';
import { cancellationRequested, confirmed, eur, placed } from '../testing/an-order.js';
import { cancelOrderSaga } from './cancel-order.saga.js';

const data = { orderId: 'o1', userId: 'u1', total: eur(3488), reason: 'changed my mind' };
const start = { data, history: [placed, confirmed, cancellationRequested] };
const cancelling = sagaSpecification(cancelOrderSaga, start);
const refunded = done('refund-payment');
const released = done('release-stock');
const mailed = done('send-cancellation');
const allTimedOut = [timedOut, timedOut, timedOut, timedOut, timedOut];

describe('cancelling a confirmed order', () => {
  it('refunds, releases, cancels and notifies', () => {
    cancelling
      .given()
      .when()
      .then({ messages: ['payments.refund-payment.v1'], events: [], status: 'running' });
    cancelling
      .given()
      .when(refunded)
      .then({ messages: ['inventory.release-stock.v1'], events: [] });
    cancelling
      .given(refunded)
      .when(released)
      .then({
        events: [{ type: 'order-cancelled', data: { code: 'CUSTOMER_REQUEST', reason: 'changed my mind' } }],
        messages: ['orders.order-cancelled.v1', 'notifications.send-notification.v1'],
      });
    cancelling.given(refunded, released).when(mailed).then({ status: 'completed', messages: [] });
  });

  it('removes it from the revenue, and notifies about the cancellation', () => {
    const { messages } = runSaga(cancelOrderSaga, start, [refunded, released]);
    const [, , published, mail] = messages;
    expect(published).toMatchObject({ data: { orderId: 'o1', wasConfirmed: true, code: 'CUSTOMER_REQUEST' } });
    expect(mail).toMatchObject({ data: { orderId: 'o1', userId: 'u1', total: eur(3488), kind: 'order-cancelled' } });
  });

  it('cancels with the code that it was started with', () => {
    const unsold = sagaSpecification(cancelOrderSaga, { ...start, data: { ...data, code: 'OUT_OF_STOCK' as const } });
    unsold
      .given(refunded)
      .when(released)
      .then({ events: [{ type: 'order-cancelled', data: { code: 'OUT_OF_STOCK', reason: 'changed my mind' } }] });
  });

  it.each([
    ['refund', [], 'payments.refund-payment.v1'],
    ['release', [refunded], 'inventory.release-stock.v1'],
    ['e-mail', [refunded, released], 'notifications.send-notification.v1'],
  ])('sends an unanswered %s again, and waits for an operator in the end', (_, before, type) => {
    cancelling
      .given(...before)
      .when(timedOut)
      .then({ messages: [type], status: 'running' });
    cancelling
      .given(...before, ...allTimedOut)
      .when()
      .then({ status: 'parked' });
    cancelling
      .given(...before, ...allTimedOut)
      .when(redriven)
      .then({ messages: [type], status: 'running' });
  });

  it('handles every reply once', () => {
    cancelling.given(refunded).when(refunded).then({ saga: [], messages: [] });
    cancelling.given(refunded, released, mailed).when(released, mailed).then({ saga: [], events: [], messages: [] });
  });
});
