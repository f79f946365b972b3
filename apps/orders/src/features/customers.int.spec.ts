import { AccountsListed, ListAccounts, UserRegistered } from '@seam/contracts';
import { newId } from '@seam/kernel';
import { eventually } from '@seam/testing';
import { OrdersApp, type Person } from '../testing/orders-app.js';
import { engines, openOrdersStore, type OrdersStore } from '../testing/orders-store.js';

describe.each(engines)('the customers of orders, on %s', (name) => {
  let store: OrdersStore;
  let app: OrdersApp;
  const staff: Person = { userId: newId(), role: 'staff' };
  const aCustomer = (): Person => ({ userId: newId(), role: 'customer' });

  beforeAll(async () => {
    store = await openOrdersStore(name);
    app = await OrdersApp.start(store.environment);
    await app.sell({ MUG: 100 });
  });
  afterAll(async () => {
    await app.running.close();
    await store.remove();
  });

  const account = (
    { userId }: Person,
    tag: string,
  ): { userId: string; email: string; name: string; role: 'customer' } => ({
    userId,
    email: `${tag}-${userId}@example.org`,
    name: `Zoë ${tag}`,
    role: 'customer',
  });
  const order = (by: Person): Promise<string> => app.order(by, { MUG: 1 });
  const listed = (by: Person, id: string): Promise<Record<string, unknown>> =>
    eventually(async () => {
      const { body } = await app.call('GET', '/api/orders?limit=100', by);
      const found = body.items.find((item: { id: string }) => item.id === id);
      expect(found).toBeDefined();
      return found;
    });

  it('are shown to the staff, in lists and single orders, but not to customers themselves', async () => {
    const customer = aCustomer();
    const { email, name: called } = account(customer, 'known');
    await app.publish(UserRegistered, account(customer, 'known'));
    const id = await order(customer);
    const expected = { id: customer.userId, name: called, email };
    expect((await app.call('GET', `/api/orders/${id}`, staff)).body).toMatchObject({ id, customer: expected });
    expect(await listed(staff, id)).toMatchObject({ id, customer: expected });
    expect((await app.call('GET', `/api/orders/${id}`, customer)).body).not.toHaveProperty('customer');
    expect(await listed(customer, id)).not.toHaveProperty('customer');
    const cancelled = await app.call('POST', `/api/orders/${id}/cancel`, staff);
    expect(cancelled).toMatchObject({ status: 202, body: { status: 'cancelling', customer: expected } });
    const again = await app.call('POST', `/api/orders/${id}/cancel`, customer);
    expect(again.status).toBe(202);
    expect(again.body).not.toHaveProperty('customer');
  });

  it('are shown as far as they are known, because an order may exist before its customer is known', async () => {
    const customer = aCustomer();
    const id = await order(customer);
    const seen = async (): Promise<unknown> => (await app.call('GET', `/api/orders/${id}`, staff)).body.customer;
    expect(await seen()).toEqual({ id: customer.userId });
    expect(await listed(staff, id)).toMatchObject({ customer: { id: customer.userId } });
    await app.publish(UserRegistered, account(customer, 'late'));
    expect(await seen()).toMatchObject({ name: 'Zoë late' });
    expect(await listed(staff, id)).toMatchObject({ customer: { name: 'Zoë late' } });
  });

  it('who registered before this store existed are requested once, and shown when they are reported', async () => {
    const asked = (): unknown[] => app.commands.filter(({ type }) => type === ListAccounts.type);
    await eventually(() => expect(asked()).toHaveLength(1));
    const [one, other] = [aCustomer(), aCustomer()];
    const id = await order(other);
    await app.publish(AccountsListed, { accounts: [account(one, 'one'), account(other, 'other')] });
    expect((await app.call('GET', `/api/orders/${id}`, staff)).body.customer).toMatchObject({ name: 'Zoë other' });

    await app.running.close();
    app = await OrdersApp.start(store.environment);
    // Messages that it sends at its start are sent before those of this order.
    await order(one);
    await eventually(() => expect(app.commands).not.toEqual([]));
    expect(asked()).toEqual([]);
  });
});
