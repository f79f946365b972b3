import { fold } from '@seam/event-sourcing';
import { deciderSpecification } from '@seam/testing';
import { anOrder, at, cancellationRequested, cancelled, confirmed, eur, placed, shipped } from '../testing/an-order.js';
import { cancel, confirm, place, requestCancellation, ship } from './decide.js';
import { type Order, OrderAggregate, type OrderEvent } from './order.js';
import { published } from './published.js';

const order = deciderSpecification(OrderAggregate);
const confirming = (state: Order): ReturnType<typeof confirm> => confirm(state, at);
const shipping =
  (tracking: string) =>
  (state: Order): OrderEvent[] =>
    ship(state, tracking, at);
const requesting = (state: Order): OrderEvent[] =>
  requestCancellation(state, { code: 'CUSTOMER_REQUEST', reason: 'changed my mind', by: 'customer' }, at);
const cancelling = (state: Order): ReturnType<typeof cancel> =>
  cancel(state, { code: 'OUT_OF_STOCK', reason: 'MUG-BLUE: 1 of 2' }, at);

describe('placing an order', () => {
  it('prices it', () => {
    order
      .given()
      .when((state) => place(state, anOrder, at))
      .then([placed]);
  });

  it('happens once: the same request again gets the first answer', () => {
    const later = '2026-11-23T00:00:00.000Z';
    for (const history of [[placed], [placed, confirmed], [placed, cancelled], [placed, confirmed, shipped]])
      order
        .given(...history)
        .when((state) => place(state, { ...anOrder, sagaId: 's2' }, later))
        .then([]);
  });

  it('refuses another request under the same key', () => {
    order
      .given(placed)
      .when((state) => place(state, { ...anOrder, fingerprint: 'f2' }, at))
      .thenRefused('IDEMPOTENCY.KEY_REUSED');
  });

  it('results in a pending order', () => {
    const { orderId, ...rest } = anOrder;
    expect(fold(OrderAggregate, [placed])).toEqual({
      ...rest,
      id: orderId,
      status: 'pending',
      total: eur(3488),
      placedAt: at,
      cancelling: false,
      wasConfirmed: false,
    });
  });
});

describe('confirming an order', () => {
  it('is possible for a pending one, once', () => {
    order.given(placed).when(confirming).then([confirmed]);
    order.given(placed, confirmed).when(confirming).then([]);
  });

  it.each([
    ['being cancelled', [placed, cancellationRequested]],
    ['cancelled', [placed, cancelled]],
    ['never placed', []],
  ])('is refused for one %s', (_, history) => {
    order
      .given<ReturnType<typeof confirm>>(...history)
      .when(confirming)
      .then({ refused: { code: 'CUSTOMER_REQUEST', reason: 'the order is being cancelled' } });
  });
});

describe('cancelling an order', () => {
  it.each([
    ['pending', [placed]],
    ['confirmed', [placed, confirmed]],
  ])('is requested of a %s one, once', (_, history) => {
    order
      .given(...history)
      .when(requesting)
      .then([cancellationRequested]);
    order
      .given(...history, cancellationRequested)
      .when(requesting)
      .then([]);
    order
      .given(...history, cancelled)
      .when(requesting)
      .then([]);
  });

  it('is not possible any more after it was shipped', () => {
    order.given(placed, confirmed, shipped).when(requesting).thenRefused('ORDER.NOT_CANCELLABLE');
  });

  it('completes the cancellation, once', () => {
    order.given<ReturnType<typeof cancel>>(placed).when(cancelling).then([cancelled]);
    order.given<ReturnType<typeof cancel>>(placed, cancellationRequested).when(cancelling).then([cancelled]);
    order.given<ReturnType<typeof cancel>>(placed, cancelled).when(cancelling).then([]);
    expect(fold(OrderAggregate, [placed, cancelled])).toMatchObject({
      status: 'cancelled',
      cancelling: true,
      cancellation: cancelled.data,
    });
  });

  it('cannot call back a parcel that was shipped', () => {
    order
      .given<ReturnType<typeof cancel>>(placed, confirmed, shipped)
      .when(cancelling)
      .then({ refused: { code: 'ORDER.NOT_CANCELLABLE', reason: 'the order has been shipped' } });
  });
});

describe('a cancellation that was requested before it was stored who requested it', () => {
  const type = 'cancellation-requested';
  it.each([
    ['cancelled by the customer', 'customer'],
    ['cancelled by the staff', 'staff'],
    ['not delivered: sold to other orders', 'shop'],
  ])('(%s) was requested by the %s', (reason, by) => {
    const data = { code: 'CUSTOMER_REQUEST', reason } as const;
    const stored = { type, at, data, schemaVersion: 1 };
    order.stored(stored).readsAs({ type, at, data: { ...data, by } as typeof cancellationRequested.data });
    order.given(placed, stored).when(requesting).then([]);
  });

  it('is readable for processes of the release before', () => {
    order.writes(cancellationRequested).as({ ...cancellationRequested, schemaVersion: 2 });
    expect(cancellationRequested.data).toMatchObject({ code: 'CUSTOMER_REQUEST', reason: 'changed my mind' });
  });
});

describe('shipping an order', () => {
  it('is possible for a confirmed one; the same parcel again is no event', () => {
    order.given(placed, confirmed).when(shipping('JD01')).then([shipped]);
    order.given(placed, confirmed, shipped).when(shipping('JD01')).then([]);
  });

  it.each([
    ['pending', [placed], 'The order is pending'],
    ['cancelled', [placed, cancelled], 'The order is cancelled'],
    ['on its way to cancelled', [placed, confirmed, cancellationRequested], 'The order is being cancelled'],
    ['shipped in another parcel', [placed, confirmed, shipped], 'The order is shipped'],
  ])('is refused for one that is %s', (_, history: OrderEvent[], message) => {
    order
      .given(...history)
      .when(shipping('JD02'))
      .thenRefused('ORDER.NOT_SHIPPABLE');
    expect(() => shipping('JD02')(fold(OrderAggregate, history))).toThrow(message);
  });
});

describe('what is published of an order', () => {
  const common = { orderId: 'o1', userId: 'u1', total: eur(3488) };
  const publishedAfter = (history: OrderEvent[], event: OrderEvent): unknown[] =>
    published(fold(OrderAggregate, history), [event]).map(({ type, kind, correlationId, data }) => {
      expect({ kind, correlationId }).toEqual({ kind: 'event', correlationId: 'o1' });
      return { type, data };
    });

  it('its lines without prices and fingerprint', () => {
    const lines = [
      { sku: 'MUG-BLUE', quantity: 2 },
      { sku: 'TEA-ASSAM', quantity: 1 },
    ];
    expect(publishedAfter([], placed)).toEqual([
      { type: 'orders.order-placed.v1', data: { ...common, lines, placedAt: at } },
    ]);
  });

  it('its confirmation and its parcel', () => {
    expect(publishedAfter([placed], confirmed)).toEqual([
      { type: 'orders.order-confirmed.v1', data: { ...common, confirmedAt: at } },
    ]);
    expect(publishedAfter([placed, confirmed], shipped)).toEqual([
      { type: 'orders.order-shipped.v1', data: { ...common, tracking: 'JD01', shippedAt: at } },
    ]);
  });

  it('its cancellation, and whether it had counted as revenue', () => {
    const data = { ...common, ...cancelled.data, cancelledAt: at };
    const type = 'orders.order-cancelled.v1';
    expect(publishedAfter([placed], cancelled)).toEqual([{ type, data: { ...data, wasConfirmed: false } }]);
    expect(publishedAfter([placed, confirmed, cancellationRequested], cancelled)).toEqual([
      { type, data: { ...data, wasConfirmed: true } },
    ]);
  });

  it('but not that a cancellation was requested', () => {
    expect(publishedAfter([placed], cancellationRequested)).toEqual([]);
  });
});
