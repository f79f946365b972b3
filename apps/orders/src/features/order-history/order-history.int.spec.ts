import { EventStore } from '@seam/event-sourcing';
import { newId } from '@seam/kernel';
import { refused } from '@seam/messaging/contract';
import { eventually } from '@seam/testing';
import { cancellationRequested, placed } from '../../testing/an-order.js';
import { OrdersApp, type Person } from '../../testing/orders-app.js';
import { engines, openOrdersStore, type OrdersStore } from '../../testing/orders-store.js';

describe.each(engines)('GET /api/orders/:id/events, on %s', (name) => {
  let store: OrdersStore;
  let app: OrdersApp;
  const staff: Person = { userId: newId(), role: 'staff' };
  const customer: Person = { userId: newId(), role: 'customer' };

  beforeAll(async () => {
    store = await openOrdersStore(name);
    app = await OrdersApp.start(store.environment);
    await app.sell({ MUG: 1299 });
  });
  afterAll(async () => {
    await app.running.close();
    await store.remove();
  });
  const history = async (id: string, by: Person): Promise<any[]> =>
    (await app.call('GET', `/api/orders/${id}/events`, by)).body as any[];

  it('shows the staff who or what caused each event, and customers only the events', async () => {
    const id = await app.order(customer, { MUG: 1 });
    await app.call('POST', `/api/orders/${id}/cancel`, staff);
    const command = await eventually(() => {
      const found = app.commands.find(({ correlationId }) => correlationId === id);
      if (found === undefined) throw new Error('no command was sent');
      return found;
    });
    await app.answer(command, refused('OUT_OF_STOCK', 'MUG: 0 of 1'));
    const events = await eventually(async () => {
      const found = await history(id, staff);
      expect(found).toHaveLength(3);
      return found;
    });
    const traceId = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(events).toMatchObject([
      { type: 'order-placed', schemaVersion: 1 },
      { type: 'cancellation-requested', schemaVersion: 2, data: { by: 'staff' } },
      { type: 'order-cancelled', schemaVersion: 1 },
    ]);
    expect(events.map(({ metadata }) => metadata as unknown)).toEqual([
      { traceId, correlationId: id, actor: { id: customer.userId, role: 'customer' } },
      { traceId, actor: { id: staff.userId, role: 'staff' } },
      { causationId: expect.stringMatching(/^[0-9a-f-]{36}$/), correlationId: id },
    ]);
    expect((await history(id, customer)).map((event) => Object.keys(event as object))).toEqual(
      events.map(() => ['version', 'type', 'at', 'data']),
    );
  });

  it('shows an event of an earlier schema version in the form of today', async () => {
    const id = newId();
    const events = app.running.app.get(EventStore, { strict: false });
    const { code } = cancellationRequested.data;
    const earlier = { ...cancellationRequested, data: { code, reason: 'cancelled by the staff' } };
    const first = { ...placed, data: { ...placed.data, orderId: id, userId: customer.userId } };
    await events.append([{ stream: `order-${id}`, expectedVersion: 0, events: [first, earlier] }]);
    const [, shown] = await history(id, staff);
    expect(shown).toEqual({
      version: 2,
      type: 'cancellation-requested',
      at: earlier.at,
      schemaVersion: 1,
      data: { ...earlier.data, by: 'staff' },
    });
  });
});
