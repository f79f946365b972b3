import {
  aborted,
  done,
  operated,
  redriven,
  refused,
  runSaga,
  sagaSpecification,
  timedOut,
  compensated,
} from '@seam/testing';
import { cancellationRequested, confirmed, eur, placeData, placed, shipped } from '../testing/an-order.js';
import { placeOrderSaga } from './place-order.saga.js';

const start = { data: placeData, history: [placed] };
const placing = sagaSpecification(placeOrderSaga, start);
/** The state after a cancellation request: the order is being cancelled, and its saga compensates. */
const cancelling = sagaSpecification(placeOrderSaga, { ...start, history: [placed, cancellationRequested] });
const customer = aborted('CUSTOMER_REQUEST', 'changed my mind');

const reserved = done('reserve-stock');
const charged = done('charge-payment');
const release = { messages: ['inventory.release-stock.v1'], waitsFor: 'compensate reserve-stock' as const, events: [] };
const refund = { messages: ['payments.refund-payment.v1'], waitsFor: 'compensate charge-payment' as const, events: [] };
const unmail = {
  messages: ['notifications.cancel-notification.v1'],
  waitsFor: 'compensate send-confirmation' as const,
  events: [],
};
const cancelledFor = (code: string, reason: string): object => ({
  status: 'compensated',
  waitsFor: undefined,
  events: [{ type: 'order-cancelled', data: { code, reason } }],
  messages: ['orders.order-cancelled.v1'],
});

describe('placing an order', () => {
  it('reserves, charges, confirms and notifies', () => {
    placing
      .given()
      .when()
      .then({ messages: ['inventory.reserve-stock.v1'], events: [], status: 'running' });
    placing
      .given()
      .when(reserved)
      .then({ messages: ['payments.charge-payment.v1'], events: [] });
    placing
      .given(reserved)
      .when(charged)
      .then({
        events: ['order-confirmed'],
        messages: ['orders.order-confirmed.v1', 'notifications.send-notification.v1'],
        waitsFor: 'do send-confirmation',
      });
    placing.given(reserved, charged).when(done('send-confirmation')).then({ status: 'completed', messages: [] });
  });

  it('sends each command with the data of its contract', () => {
    const { messages } = runSaga(placeOrderSaga, start, [reserved, charged, customer, done('send-confirmation')]);
    const data = Object.fromEntries(messages.map((message) => [message.type, message.data]));
    const order = { orderId: 'o1', userId: 'u1' };
    expect(data).toMatchObject({
      'inventory.reserve-stock.v1': { orderId: 'o1', lines: placeData.lines },
      'payments.charge-payment.v1': { ...order, amount: eur(3488), payment: placeData.payment },
      'notifications.send-notification.v1': { ...order, total: eur(3488), kind: 'order-confirmed' },
      'notifications.cancel-notification.v1': { ...order, kind: 'order-confirmed' },
    });
  });
});

describe('a refusal', () => {
  it('of the stock cancels the order', () => {
    placing
      .given()
      .when(refused('reserve-stock', 'OUT_OF_STOCK', 'MUG-BLUE: 1 of 2'))
      .then(cancelledFor('OUT_OF_STOCK', 'MUG-BLUE: 1 of 2'));
  });

  it.each(['PAYMENT_DECLINED', 'PAYMENT_FAILED'])('of the payment (%s) releases, and cancels the order', (code) => {
    const declined = refused('charge-payment', code, 'no funds');
    placing.given(reserved).when(declined).then(release);
    placing.given(reserved, declined).when(compensated('reserve-stock')).then(cancelledFor(code, 'no funds'));
  });

  it('of a charge that was sent before also causes a refund', () => {
    const declined = refused('charge-payment', 'PAYMENT_DECLINED');
    placing.given(reserved, timedOut).when(declined).then(refund);
    placing.given(reserved, timedOut, declined).when(compensated('charge-payment')).then(release);
  });

  it('with a code that is no reason to cancel an order parks the saga at its last compensation, visibly', () => {
    placing
      .given()
      .when(refused('reserve-stock', 'MOON_IS_FULL'))
      .then({ status: 'parked', waitsFor: 'compensate place-order', events: [] });
  });
});

describe('the customer’s request', () => {
  const back = 'changed my mind';

  it('while the stock is being reserved: reserved, released, cancelled', () => {
    cancelling.given().when(customer).then({ messages: [], waitsFor: 'do reserve-stock', status: 'compensating' });
    cancelling.given(customer).when(reserved).then(release);
    cancelling
      .given(customer, reserved)
      .when(compensated('reserve-stock'))
      .then(cancelledFor('CUSTOMER_REQUEST', back));
    cancelling
      .given(customer)
      .when(refused('reserve-stock', 'OUT_OF_STOCK'))
      .then(cancelledFor('CUSTOMER_REQUEST', back));
  });

  it('while it is being charged: refunded, released, cancelled', () => {
    cancelling.given(reserved).when(customer).then({ messages: [], waitsFor: 'do charge-payment' });
    cancelling.given(reserved, customer).when(charged).then(refund);
    cancelling.given(reserved, customer, charged).when(compensated('charge-payment')).then(release);
    cancelling
      .given(reserved, customer, charged, compensated('charge-payment'))
      .when(compensated('reserve-stock'))
      .then(cancelledFor('CUSTOMER_REQUEST', back));
    cancelling.given(reserved, customer).when(refused('charge-payment', 'PAYMENT_DECLINED')).then(release);
  });

  it('after the confirmation, while the customer is notified: cancels the e-mail first, then all the rest', () => {
    const request = [reserved, charged, customer];
    placing.given(reserved, charged).when(customer).then({ messages: [], waitsFor: 'do send-confirmation' });
    placing
      .given(...request)
      .when(done('send-confirmation'))
      .then(unmail);
    placing
      .given(...request, done('send-confirmation'))
      .when(compensated('send-confirmation'))
      .then(refund);
    const { aggregate, messages, state } = runSaga(placeOrderSaga, start, [
      ...request,
      done('send-confirmation'),
      compensated('send-confirmation'),
      compensated('charge-payment'),
      compensated('reserve-stock'),
    ]);
    expect(state.status).toBe('compensated');
    expect(aggregate).toMatchObject({ status: 'cancelled', cancellation: { code: 'CUSTOMER_REQUEST', reason: back } });
    expect(messages.at(-1)).toMatchObject({ type: 'orders.order-cancelled.v1', data: { wasConfirmed: true } });
  });

  it('after completion changes nothing in this saga', () => {
    placing.given(reserved, charged, done('send-confirmation')).when(customer).then({ saga: [], messages: [] });
  });
});

describe('an unanswered', () => {
  const allTimedOut = [timedOut, timedOut, timedOut, timedOut, timedOut];

  it.each([
    ['reservation', [], 'inventory.reserve-stock.v1'],
    ['charge', [reserved], 'payments.charge-payment.v1'],
    ['e-mail', [reserved, charged], 'notifications.send-notification.v1'],
  ])('%s is sent again, never assumed to have failed, and parked in the end', (_, before, type) => {
    placing
      .given(...before)
      .when(timedOut)
      .then({ status: 'running', messages: [type] });
    placing
      .given(...before)
      .when(...allTimedOut)
      .then({ status: 'parked', events: [] });
    placing
      .given(...before, ...allTimedOut)
      .when(redriven)
      .then({ status: 'running', messages: [type] });
  });

  it('refund or release is finally parked, and continues from there', () => {
    const back = [reserved, refused('charge-payment', 'PAYMENT_DECLINED'), ...allTimedOut];
    placing
      .given(...back)
      .when()
      .then({ status: 'parked', waitsFor: 'compensate reserve-stock' });
    placing
      .given(...back)
      .when(redriven)
      .then({ ...release, status: 'compensating' });
    placing
      .given(...back)
      .when(compensated('reserve-stock'))
      .then({ status: 'compensated' });
  });
});

it('an order whose saga staff compensate is cancelled for its customer, with their reason', () => {
  placing
    .given(reserved, charged, operated({ action: 'compensate' }), done('send-confirmation'))
    .when(compensated('send-confirmation'), compensated('charge-payment'), compensated('reserve-stock'))
    .then({ status: 'compensated', events: cancelledFor('CUSTOMER_REQUEST', 'why')['events' as never] });
});

describe('a shipped order', () => {
  it('is never cancelled after its shipment: its saga is parked', () => {
    sagaSpecification(placeOrderSaga, { ...start, history: [placed, confirmed, shipped] })
      .given()
      .when(refused('reserve-stock', 'OUT_OF_STOCK'))
      .then({ status: 'parked', events: [] });
  });
});
