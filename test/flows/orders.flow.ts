import { type Answer, Api } from '../support/api.js';
import { eventually } from '@seam/testing';
import { expectProblem, orderIs, sagaEnds, stockOf } from '../support/shop.js';
import { STAFF } from '../support/shop-process.js';

/** A shop of some topology, started empty with the demo data. */
export interface StartedShop {
  readonly url: string;
  stop(): Promise<unknown>;
}

const states = (saga: any): Record<string, string> =>
  Object.fromEntries(saga.steps.map(({ name, state }: any) => [name, state]));

/** The use cases of a customer and the staff, the same in every topology. */
export function orderFlows(topology: string, start: () => Promise<StartedShop>): void {
  describe(topology, () => {
    let shop: StartedShop;
    let guest: Api;
    let staff: Api;
    let customer: Api;

    beforeAll(async () => {
      shop = await start();
      guest = new Api(shop.url);
      staff = await guest.login(STAFF);
      customer = await guest.customer();
    });

    afterAll(async () => {
      await shop.stop();
    });

    test('an accepted card: confirmed, with its saga, payment, notification and analytics', async () => {
      const before = await stockOf(staff, 'MUG-BLUE');
      const placed = await customer.order('tok_visa', [{ sku: 'MUG-BLUE', quantity: 2 }]);
      expect(placed.status).toBe(202);
      expect(placed.headers.get('location')).toBe(`/api/orders/${placed.body.id}`);
      expect(placed.body).toMatchObject({
        status: 'pending',
        items: [{ sku: 'MUG-BLUE', quantity: 2, unitPrice: { amount: 1299, currency: 'EUR' } }],
        total: { amount: 2598, currency: 'EUR' },
      });
      const order = await orderIs(customer, placed.body.id, 'confirmed');
      expect(order).not.toHaveProperty('cancellation');
      const saga = await sagaEnds(staff, placed.body.sagaId);
      expect(saga).toMatchObject({ state: 'completed', orderId: placed.body.id });
      expect(new Set(Object.values(states(saga)))).toEqual(new Set(['done']));
      expect((await customer.get(`/api/payments/${placed.body.id}`)).body).toMatchObject({
        status: 'captured',
        amount: { amount: 2598, currency: 'EUR' },
        refunded: { amount: 0, currency: 'EUR' },
      });
      await eventually(async () => {
        const after = await stockOf(staff, 'MUG-BLUE');
        expect(after).toMatchObject({ onHand: before.onHand - 2, sold: before.sold + 2 });
        const { items } = (await customer.get('/api/notifications')).body;
        expect(items).toContainEqual(expect.objectContaining({ orderId: placed.body.id, kind: 'order-confirmed' }));
        const listed = (await customer.get('/api/orders?status=confirmed')).body.items;
        expect(listed.map(({ id }: any) => id)).toContain(placed.body.id);
      });
      const history = (await customer.get(`/api/orders/${placed.body.id}/events`)).body;
      expect(history.map(({ version, type }: any) => [version, type])).toEqual([
        [1, 'order-placed'],
        [2, 'order-confirmed'],
      ]);
      expect(JSON.stringify(history)).not.toContain('tok_');
    });

    test('a query with the position of a command returns the effect of the command', async () => {
      const reader = await guest.customer();
      const listedAfter = async ({ headers }: Answer): Promise<any[]> => {
        const position = headers.get('seam-position');
        expect(position).toMatch(/^order-.+@\d+$/);
        const { status, body } = await reader.call('GET', '/api/orders', undefined, { 'Seam-Position': position! });
        expect(status).toBe(200);
        return body.items;
      };
      for (let round = 1; round <= 5; round += 1) {
        const placed = await reader.order('tok_visa', [{ sku: 'MUG-BLUE', quantity: 1 }]);
        const listed = await listedAfter(placed);
        expect(listed).toHaveLength(round);
        expect(listed.map(({ id }) => id)).toContain(placed.body.id);
        // So that analytics, below, counts it among the confirmed ones.
        await orderIs(reader, placed.body.id, 'confirmed');
        const cancelled = await reader.post(`/api/orders/${placed.body.id}/cancel`);
        const [after] = (await listedAfter(cancelled)).filter(({ id }) => id === placed.body.id);
        expect(after).toMatchObject({ status: expect.stringMatching(/^cancell(ing|ed)$/) });
      }
      const asked = (position: string): Promise<Answer> =>
        reader.call('GET', '/api/orders', undefined, { 'Seam-Position': position });
      expectProblem(await asked('nonsense'), 400, 'REQUEST.INVALID');
      expectProblem(await asked(`order-${crypto.randomUUID()}@1`), 400, 'POSITION.UNKNOWN');
    });

    test('a declined card: cancelled with its code, the stock available again, no money charged', async () => {
      const before = await stockOf(staff, 'MUG-RED');
      const { body } = await customer.order('tok_declined', [{ sku: 'MUG-RED', quantity: 3 }]);
      const order = await orderIs(customer, body.id, 'cancelled');
      expect(order.cancellation.code).toBe('PAYMENT_DECLINED');
      const saga = await sagaEnds(staff, body.sagaId);
      expect(saga.state).toBe('compensated');
      expect(states(saga)).toEqual({
        'place-order': 'compensated',
        'reserve-stock': 'compensated',
        'charge-payment': 'refused',
        'confirm-order': 'waiting',
        'send-confirmation': 'waiting',
      });
      expect(await stockOf(staff, 'MUG-RED')).toEqual(before);
      expect((await customer.get(`/api/payments/${body.id}`)).body).toMatchObject({ status: 'declined' });
    });

    test('20 customers order the last piece: one gets it', async () => {
      const customers = await Promise.all(Array.from({ length: 20 }, () => guest.customer()));
      const placed = await Promise.all(
        customers.map((one) => one.order('tok_visa', [{ sku: 'LAST-ONE', quantity: 1 }])),
      );
      expect(placed.map(({ status }) => status)).toEqual(Array(20).fill(202));
      const ended = await Promise.all(
        placed.map(({ body }, index) => orderIs(customers[index]!, body.id, 'confirmed', 'cancelled')),
      );
      expect(ended.filter(({ status }) => status === 'confirmed')).toHaveLength(1);
      const codes = ended.filter(({ status }) => status === 'cancelled').map(({ cancellation }) => cancellation.code);
      expect(codes).toEqual(Array(19).fill('OUT_OF_STOCK'));
      expect((await guest.get('/api/inventory/LAST-ONE')).body).toEqual({ sku: 'LAST-ONE', available: 0 });
    });

    test.each([
      ['tok_lost', 'confirmed', undefined],
      ['tok_slow', 'confirmed', undefined],
      ['tok_flaky', 'confirmed', undefined],
      ['tok_down', 'cancelled', 'PAYMENT_FAILED'],
    ])('%s ends %s', async (token, status, code) => {
      const { body } = await customer.order(token, [{ sku: 'TEA-ASSAM', quantity: 1 }]);
      const order = await orderIs(customer, body.id, 'confirmed', 'cancelled');
      expect(order.status).toBe(status);
      expect(order.cancellation?.code).toBe(code);
      const payment = (await customer.get(`/api/payments/${body.id}`)).body;
      expect(payment.status).toBe(status === 'confirmed' ? 'captured' : 'declined');
    });

    test('cancelling a confirmed order refunds the money and releases the stock, by a saga of its own', async () => {
      const before = await stockOf(staff, 'SPOON-OAK');
      const { body } = await customer.order('tok_visa', [{ sku: 'SPOON-OAK', quantity: 4 }]);
      await orderIs(customer, body.id, 'confirmed');
      await sagaEnds(staff, body.sagaId);
      expect((await customer.post(`/api/orders/${body.id}/cancel`)).status).toBe(202);
      const order = await orderIs(customer, body.id, 'cancelled');
      expect(order.cancellation.code).toBe('CUSTOMER_REQUEST');
      expect((await customer.get(`/api/payments/${body.id}`)).body).toMatchObject({
        status: 'refunded',
        refunded: body.total,
      });
      await eventually(async () => {
        expect(await stockOf(staff, 'SPOON-OAK')).toEqual(before);
        const sagas = (await staff.get(`/api/sagas?orderId=${body.id}`)).body.items;
        expect(sagas.map(({ definition, state }: any) => [definition, state]).sort()).toEqual([
          ['cancel-order', 'completed'],
          ['place-order', 'completed'],
        ]);
      });
      expect((await customer.post(`/api/orders/${body.id}/cancel`)).status).toBe(202);
    });

    test('cancelling an order at once, before it is confirmed, leaves nothing behind', async () => {
      const before = await stockOf(staff, 'TOWEL-LINEN');
      const { body } = await customer.order('tok_slow', [{ sku: 'TOWEL-LINEN', quantity: 1 }]);
      expect((await customer.post(`/api/orders/${body.id}/cancel`)).status).toBe(202);
      const order = await orderIs(customer, body.id, 'cancelled');
      expect(order.cancellation.code).toBe('CUSTOMER_REQUEST');
      expect((await sagaEnds(staff, body.sagaId)).state).toBe('compensated');
      expect(await stockOf(staff, 'TOWEL-LINEN')).toEqual(before);
      // Compensated before or after the charge: there is no payment, or it was refunded.
      const payment = await customer.get(`/api/payments/${body.id}`);
      expect(['refunded', 'declined', 'PAYMENT.NOT_FOUND']).toContain(
        payment.body[payment.status === 200 ? 'status' : 'code'],
      );
    });

    test('a shipped order cannot be cancelled, and only a confirmed one is shipped', async () => {
      const { body } = await customer.order('tok_visa', [{ sku: 'BEANS-HOUSE', quantity: 1 }]);
      await orderIs(customer, body.id, 'confirmed');
      expectProblem(
        await customer.post(`/api/orders/${body.id}/shipments`, { tracking: 'T-1' }),
        403,
        'AUTH.FORBIDDEN',
      );
      expect((await staff.post(`/api/orders/${body.id}/shipments`, { tracking: 'T-1' })).status).toBe(201);
      expect(await orderIs(customer, body.id, 'shipped')).toMatchObject({ shipment: { tracking: 'T-1' } });
      expectProblem(await customer.post(`/api/orders/${body.id}/cancel`), 409, 'ORDER.NOT_CANCELLABLE');
      const declined = (await customer.order('tok_declined', [{ sku: 'BEANS-HOUSE', quantity: 1 }])).body;
      await orderIs(customer, declined.id, 'cancelled');
      const late = await staff.post(`/api/orders/${declined.id}/shipments`, { tracking: 'T-2' });
      expectProblem(late, 409, 'ORDER.NOT_SHIPPABLE');
    });

    test('an idempotency key makes one order of a repeated request', async () => {
      const items = [{ sku: 'FILTER-PAPER', quantity: 1 }];
      const answers = await Promise.all(Array.from({ length: 10 }, () => customer.order('tok_visa', items, 'cart-1')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      await orderIs(customer, answers[0]!.body.id, 'confirmed');
      expect((await customer.order('tok_visa', items, 'cart-1')).body).toEqual(answers[0]!.body);
      const other = await customer.order('tok_visa', [{ sku: 'FILTER-PAPER', quantity: 2 }], 'cart-1');
      expectProblem(other, 422, 'IDEMPOTENCY.KEY_REUSED');
      const stranger = await (await guest.customer()).order('tok_visa', items, 'cart-1');
      expect(stranger.status).toBe(202);
      expect(stranger.body.id).not.toBe(answers[0]!.body.id);
    });

    test('the same items in another order, under the same key, are the same order', async () => {
      const items = [
        { sku: 'FILTER-PAPER', quantity: 1 },
        { sku: 'TEA-SENCHA', quantity: 2 },
      ];
      const first = await customer.order('tok_visa', items, 'cart-2');
      const again = await customer.order('tok_visa', [...items].reverse(), 'cart-2');
      expect(again).toMatchObject({ status: 202, body: first.body });
    });

    test('an id in upper case is the same id', async () => {
      const { body } = await customer.order('tok_visa', [{ sku: 'TEA-SENCHA', quantity: 1 }]);
      await orderIs(customer, body.id, 'confirmed');
      const id = body.id.toUpperCase();
      expect(await customer.get(`/api/orders/${id}`)).toMatchObject({ status: 200, body: { id: body.id } });
      expect((await customer.get(`/api/orders/${id}/events`)).status).toBe(200);
      expect(await customer.get(`/api/payments/${id}`)).toMatchObject({ status: 200, body: { orderId: body.id } });
      const saga = body.sagaId.toUpperCase();
      expect(await staff.get(`/api/sagas/${saga}`)).toMatchObject({ status: 200, body: { id: body.sagaId } });
      expect((await staff.post(`/api/orders/${id}/shipments`, { tracking: 'T-3' })).status).toBe(201);
      expectProblem(await customer.post(`/api/orders/${id}/cancel`), 409, 'ORDER.NOT_CANCELLABLE');
    });

    test("another's order, payment and history do not exist", async () => {
      const { body } = await customer.order('tok_visa', [{ sku: 'TEA-SENCHA', quantity: 1 }]);
      await orderIs(customer, body.id, 'confirmed');
      const stranger = await guest.customer();
      expectProblem(await stranger.get(`/api/orders/${body.id}`), 404, 'ORDER.NOT_FOUND');
      expectProblem(await stranger.get(`/api/orders/${body.id}/events`), 404, 'ORDER.NOT_FOUND');
      expectProblem(await stranger.post(`/api/orders/${body.id}/cancel`), 404, 'ORDER.NOT_FOUND');
      expectProblem(await stranger.get(`/api/payments/${body.id}`), 404, 'PAYMENT.NOT_FOUND');
      expectProblem(await stranger.get(`/api/sagas/${body.sagaId}`), 403, 'AUTH.FORBIDDEN');
      expect((await stranger.get('/api/orders')).body.items).toEqual([]);
      expect((await staff.get(`/api/orders/${body.id}`)).status).toBe(200);
    });

    test('the staff see the customer of an order, and find it by the registered address', async () => {
      const { id, name, email } = (await customer.get('/api/users/me')).body;
      const { body } = await customer.order('tok_visa', [{ sku: 'TEA-SENCHA', quantity: 1 }]);
      const search = `email=${encodeURIComponent(email.toUpperCase())}&sku=TEA-SENCHA&limit=100`;
      await eventually(async () => {
        expect((await staff.get(`/api/orders/${body.id}`)).body.customer).toEqual({ id, name, email });
        const found = (await staff.get(`/api/orders?${search}`)).body.items;
        expect(found).toContainEqual(expect.objectContaining({ id: body.id, customer: { id, name, email } }));
        expect(new Set(found.map((order: any) => order.customer.id))).toEqual(new Set([id]));
      });
      expect((await customer.get(`/api/orders/${body.id}`)).body).not.toHaveProperty('customer');
      expectProblem(await customer.get(`/api/orders?${search}`), 403, 'AUTH.FORBIDDEN');
    });

    test('staff change the catalogue, and orders soon pay the new price', async () => {
      const changed = { name: 'Steel kettle', price: { amount: 6100, currency: 'EUR' } };
      expect((await staff.call('PUT', '/api/products/KETTLE-STEEL', changed)).status).toBe(200);
      await eventually(async () => {
        const { body } = await customer.order('tok_visa', [{ sku: 'KETTLE-STEEL', quantity: 1 }]);
        expect(body.total).toEqual({ amount: 6100, currency: 'EUR' });
      });
      const created = { name: 'A new thing', price: { amount: 100, currency: 'EUR' } };
      expect((await staff.call('PUT', '/api/products/NEW-THING', created)).status).toBe(201);
      await eventually(async () =>
        // Also enough for the orders below, before all services know that the product is not for sale any more.
        expect((await staff.post('/api/inventory/NEW-THING/receipts', { quantity: 1000 })).status).toBe(201),
      );
      const bought = await eventually(async () => {
        const { status, body } = await customer.order('tok_visa', [{ sku: 'NEW-THING', quantity: 5 }]);
        expect(status).toBe(202);
        return body;
      });
      await orderIs(customer, bought.id, 'confirmed');
      expect((await staff.call('PUT', '/api/products/NEW-THING', { ...created, active: false })).status).toBe(200);
      await eventually(async () => {
        const late = await customer.order('tok_visa', [{ sku: 'NEW-THING', quantity: 1 }]);
        expectProblem(late, 422, 'ORDER.UNKNOWN_SKU');
      });
    });

    test('the rebuilt lists are equal to the lists before', async () => {
      const lists = async (): Promise<unknown[]> =>
        Promise.all(
          ['/api/orders?limit=100', '/api/sagas?limit=100'].map(async (path) => (await staff.get(path)).body),
        );
      const last = (await customer.order('tok_visa', [{ sku: 'MUG-RED', quantity: 1 }])).body;
      await eventually(async () => {
        const sagas = (await staff.get('/api/sagas?limit=100')).body.items;
        expect(sagas.filter(({ state }: any) => state === 'running' || state === 'compensating')).toEqual([]);
        expect(sagas.map(({ id }: any) => id)).toContain(last.sagaId);
        const confirmed = (await staff.get('/api/orders?status=confirmed&limit=100')).body.items;
        expect(confirmed.map(({ id }: any) => id)).toContain(last.id);
      });
      const before = await lists();
      const { status, body } = await staff.post('/api/orders/read-models/rebuild');
      expect(status).toBe(200);
      expect(body.events).toBeGreaterThan(100);
      expect(await lists()).toEqual(before);
    });

    test('analytics count what happened', async () => {
      await eventually(async () => {
        const { body } = await staff.get('/api/analytics/summary');
        expect(body.orders.placed).toBeGreaterThan(20);
        expect(body.orders.placed).toBe(
          body.orders.confirmed +
            body.cancellations.OUT_OF_STOCK +
            body.cancellations.PAYMENT_DECLINED +
            body.cancellations.PAYMENT_FAILED +
            1,
        );
        expect(body.cancellations.OUT_OF_STOCK).toBe(19);
      });
    });
  });
}
