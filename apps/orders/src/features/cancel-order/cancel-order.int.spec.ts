import { jest } from '@jest/globals';
import { done, refused } from '@seam/messaging/contract';
import { type Message, newId, systemClock } from '@seam/kernel';
import { eventually } from '@seam/testing';
import { cancellationSagaId, placementSagaId } from '../../sagas/order-data.js';
import { type Answer, OrdersApp, type Person } from '../../testing/orders-app.js';
import { engines, openOrdersStore, type OrdersStore } from '../../testing/orders-store.js';

const HOUR_MS = 3_600_000;

describe.each(engines)('POST /api/orders/:id/cancel, on %s', (name) => {
  let store: OrdersStore;
  let app: OrdersApp;
  let aheadMs = 0;
  const staff: Person = { userId: newId(), role: 'staff' };
  const customer: Person = { userId: newId(), role: 'customer' };

  beforeAll(async () => {
    jest.spyOn(systemClock, 'now').mockImplementation(() => new Date(Date.now() + aheadMs));
    store = await openOrdersStore(name);
    app = await OrdersApp.start(store.environment);
    await app.sell({ MUG: 1299 });
  });
  afterAll(async () => {
    await app.running.close();
    await store.remove();
    jest.restoreAllMocks();
  });

  const commands = (id: string, type?: string): Message[] =>
    app.commands.filter((command) => command.correlationId === id && (type ?? command.type) === command.type);
  const types = (id: string): string[] => [...new Set(commands(id).map(({ type }) => type))];
  /** The latest command of a type that an order's saga has sent. */
  const sent = (id: string, type: string): Promise<Message> =>
    eventually(() => {
      const last = commands(id, type).at(-1);
      if (last === undefined) throw new Error(`${type} was not sent, but ${types(id).join(', ')}`);
      return last;
    });
  const answered = async (id: string, type: string, outcome = done({})): Promise<void> =>
    app.answer(await sent(id, type), outcome);

  const cancel = (id: string, by = customer): Promise<Answer> => app.call('POST', `/api/orders/${id}/cancel`, by);
  const order = async (id: string): Promise<any> => (await app.call('GET', `/api/orders/${id}`, customer)).body;
  const saga = async (sagaId: string): Promise<string> =>
    (await app.call('GET', `/api/sagas/${sagaId}`, staff)).body.state as string;
  const redrive = (sagaId: string): Promise<Answer> => app.call('POST', `/api/sagas/${sagaId}/redrive`, staff);

  /** Advances the time until all attempts of the saga's step have timed out. */
  async function untilParked(sagaId: string): Promise<void> {
    const passing = setInterval(() => (aheadMs += HOUR_MS), 200);
    try {
      await eventually(async () => expect(await saga(sagaId)).toBe('parked'), { withinMs: 40_000 });
    } finally {
      clearInterval(passing);
    }
  }

  const RESERVE = 'inventory.reserve-stock.v1';
  const RELEASE = 'inventory.release-stock.v1';
  const CHARGE = 'payments.charge-payment.v1';
  const REFUND = 'payments.refund-payment.v1';
  const MAIL = 'notifications.send-notification.v1';

  async function declined(): Promise<string> {
    const id = await app.order(customer, { MUG: 1 });
    await answered(id, RESERVE);
    await answered(id, CHARGE, refused('PAYMENT_DECLINED', 'no funds'));
    await sent(id, RELEASE);
    return id;
  }

  it('compensates a placement that is parked at its charge, and does not charge again', async () => {
    const id = await app.order(customer, { MUG: 1 });
    const placement = placementSagaId(id);
    await answered(id, RESERVE);
    const charge = await sent(id, CHARGE);
    await untilParked(placement);
    const charged = commands(id, CHARGE).length;

    expect(await cancel(id)).toMatchObject({ status: 202, body: { id, status: 'cancelling' } });
    expect(await order(id)).toMatchObject({ status: 'cancelling' });
    expect(await saga(placement)).toBe('compensating');
    await sent(id, REFUND);
    expect(await redrive(placement)).toMatchObject({ status: 409, body: { code: 'SAGA.NOT_PARKED' } });
    expect(await cancel(id)).toMatchObject({ status: 202, body: { status: 'cancelling' } });

    await answered(id, REFUND);
    await answered(id, RELEASE);
    expect(await order(id)).toMatchObject({ status: 'cancelled', cancellation: { code: 'CUSTOMER_REQUEST' } });
    // The answer to the charge arrives late.
    await app.answer(charge, done({}));
    expect(await saga(placement)).toBe('compensated');
    expect(commands(id, CHARGE)).toHaveLength(charged);
    expect(types(id)).toEqual([RESERVE, CHARGE, REFUND, RELEASE]);
  });

  it('lets a placement continue that compensates for another reason, and shows it', async () => {
    const id = await declined();
    expect(await saga(placementSagaId(id))).toBe('compensating');
    expect(await order(id)).toMatchObject({ status: 'pending' });

    expect(await cancel(id)).toMatchObject({ status: 202, body: { id, status: 'cancelling' } });
    expect(await order(id)).toMatchObject({ status: 'cancelling' });
    await eventually(async () => {
      const { body } = await app.call('GET', '/api/orders?status=cancelling', customer);
      expect(body.items).toContainEqual(expect.objectContaining({ id, status: 'cancelling' }));
    });

    await answered(id, RELEASE);
    expect(await order(id)).toMatchObject({ status: 'cancelled', cancellation: { code: 'PAYMENT_DECLINED' } });
    expect(types(id)).toEqual([RESERVE, CHARGE, RELEASE]);
  });

  it('is refused with the reason if that placement is parked, and changes nothing', async () => {
    const id = await declined();
    const placement = placementSagaId(id);
    await untilParked(placement);
    const before = commands(id).length;

    for (const by of [customer, staff])
      expect(await cancel(id, by)).toMatchObject({
        status: 409,
        body: {
          code: 'ORDER.CANCELLATION_PARKED',
          detail: expect.stringMatching(
            new RegExp(`PAYMENT_DECLINED: no funds.*saga ${placement}.*compensating reserve-stock: no answer`),
          ),
        },
      });
    expect(await order(id)).toMatchObject({ status: 'pending' });
    expect(commands(id)).toHaveLength(before);

    expect(await redrive(placement)).toMatchObject({ status: 202, body: { state: 'compensating' } });
    await answered(id, RELEASE);
    expect(await order(id)).toMatchObject({ status: 'cancelled', cancellation: { code: 'PAYMENT_DECLINED' } });
  });

  it('of a confirmed order is refused if its own saga is parked, and continues when that is redriven', async () => {
    const id = await app.order(customer, { MUG: 1 });
    for (const type of [RESERVE, CHARGE, MAIL]) await answered(id, type);
    await eventually(async () => expect(await saga(placementSagaId(id))).toBe('completed'));

    expect(await cancel(id)).toMatchObject({ status: 202, body: { status: 'cancelling' } });
    await sent(id, REFUND);
    await untilParked(cancellationSagaId(id));
    expect(await cancel(id)).toMatchObject({
      status: 409,
      body: { code: 'ORDER.CANCELLATION_PARKED', detail: expect.stringContaining('at refund-payment: no answer') },
    });
    expect(await order(id)).toMatchObject({ status: 'cancelling' });

    expect((await redrive(cancellationSagaId(id))).status).toBe(202);
    await answered(id, REFUND);
    await answered(id, RELEASE);
    expect(await order(id)).toMatchObject({ status: 'cancelled', cancellation: { code: 'CUSTOMER_REQUEST' } });
  });
});
