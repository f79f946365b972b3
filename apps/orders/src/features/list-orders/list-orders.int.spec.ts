import { UserRegistered } from '@seam/contracts';
import { newId } from '@seam/kernel';
import { eventually } from '@seam/testing';
import { OrdersApp, type Person } from '../../testing/orders-app.js';
import { engines, openOrdersStore, type OrdersStore } from '../../testing/orders-store.js';

describe.each(engines)('GET /api/orders, on %s', (name) => {
  let store: OrdersStore;
  let app: OrdersApp;
  const staff: Person = { userId: newId(), role: 'staff' };
  const [zoe, bob]: Person[] = [newId(), newId()].map((userId) => ({ userId, role: 'customer' }));
  /** The ids of the orders, by their names in this test. */
  const orders = new Map<string, string>();
  const placedAt = new Map<string, string>();

  const get = (query: string, by = staff): ReturnType<OrdersApp['call']> => app.call('GET', `/api/orders?${query}`, by);
  /** The orders' names, latest first. */
  async function found(query: string, by = staff): Promise<string> {
    const { status, body } = await get(query, by);
    expect({ query, status, body }).toMatchObject({ status: 200 });
    return body.items.map(({ id }: { id: string }) => orders.get(id)).join('');
  }

  beforeAll(async () => {
    store = await openOrdersStore(name);
    app = await OrdersApp.start(store.environment);
    await app.sell({ MUG: 1299, TEA: 890, 'TEA-JP': { amount: 1299, currency: 'JPY' } });
    await app.publish(UserRegistered, {
      userId: zoe!.userId,
      email: 'zoë@bücher.example',
      name: 'Zoë',
      role: 'customer',
    });
    await app.publish(UserRegistered, {
      userId: bob!.userId,
      email: 'bob%@example.org',
      name: 'Bob',
      role: 'customer',
    });
    for (const [letter, by, quantities] of [
      ['A', zoe, { MUG: 1 }],
      ['B', zoe, { MUG: 2, TEA: 1 }],
      ['C', bob, { TEA: 1 }],
      ['D', bob, { 'TEA-JP': 1 }],
      ['E', bob, { MUG: 1 }],
    ] as [string, Person, Record<string, number>][])
      orders.set(await app.order(by, quantities), letter);
    const [a] = [...orders].find(([, letter]) => letter === 'A')!;
    await app.call('POST', `/api/orders/${a}/cancel`, zoe);
    await eventually(async () => {
      expect(await found('limit=100')).toBe('EDCBA');
      expect(await found('status=cancelling')).toBe('A');
    });
    for (const { id, placedAt: at } of (await get('limit=100')).body.items) placedAt.set(orders.get(id)!, at);
  });
  afterAll(async () => {
    await app.running.close();
    await store.remove();
  });

  const encoded = (of: string): string => encodeURIComponent(placedAt.get(of)!);
  /** The same time in another time zone. */
  const elsewhere = (of: string): string => {
    const local = new Date(Date.parse(placedAt.get(of)!) + 2 * 3_600_000).toISOString();
    return encodeURIComponent(local.replace('Z', '+02:00'));
  };

  it.each([
    ['email=ZO%C3%8B@b%C3%BCcher.example', 'BA'],
    ['email=zoe%CC%88@xn--bcher-kva.example', 'BA'],
    ['email=bob%25@example.org', 'EDC'],
    ['email=nobody@example.org', ''],
    ['email=bo@example.org', ''],
    ['sku=MUG', 'EBA'],
    ['sku=TEA', 'CB'],
    ['sku=NONE', ''],
    ['minAmount=1299&maxAmount=1299', 'EDA'],
    ['minAmount=1299&maxAmount=1299&currency=EUR', 'EA'],
    ['minAmount=3488', 'B'],
    ['maxAmount=890', 'C'],
    ['currency=JPY', 'D'],
    ['status=cancelling&sku=MUG', 'A'],
    ['status=pending&sku=MUG&email=zo%C3%AB@b%C3%BCcher.example', 'B'],
    ['from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z', 'EDCBA'],
    ['from=9999-12-31T23:59:59Z', ''],
  ])('finds by %s: %j', async (query, expected) => {
    expect(await found(query)).toBe(expected);
  });

  it('finds by the customer’s id, in lower or upper case, and not by two customers at once', async () => {
    const email = 'email=bob%25@example.org';
    expect(await found(`userId=${zoe!.userId.toUpperCase()}`)).toBe('BA');
    expect(await found(`${email}&userId=${bob!.userId}`)).toBe('EDC');
    expect(await found(`${email}&userId=${zoe!.userId}`)).toBe('');
  });

  it('finds by the time of the order, in any time zone', async () => {
    expect((await found(`from=${encoded('C')}`)).startsWith('EDC')).toBe(true);
    expect(await found(`from=${encoded('C')}`)).toBe(await found(`from=${elsewhere('C')}`));
    expect(await found(`to=${encoded('E')}`)).not.toContain('E');
    expect(await found(`from=${encoded('B')}&to=${elsewhere('E')}&sku=TEA`)).toBe('CB');
  });

  it('returns the results page by page', async () => {
    const first = (await get('sku=MUG&minAmount=1000&limit=2')).body;
    const second = (await get(`sku=MUG&minAmount=1000&limit=2&cursor=${first.nextCursor}`)).body;
    const ids = [...first.items, ...second.items].map(({ id }: { id: string }) => orders.get(id));
    expect([ids.join(''), second.nextCursor]).toEqual(['EBA', null]);
  });

  it.each([
    'email=zoe',
    'email=',
    'userId=1',
    'sku=mug',
    'sku=MUG&sku=TEA',
    'from=yesterday',
    'from=2026-02-30T00:00:00Z',
    'from=2026-11-22',
    'to=0000-01-01T00:00:00Z',
    'to=9999-12-31T23:59:59-14:00',
    'from=2026-11-22T00:00:00Z&to=2026-11-22T00:00:00Z',
    'minAmount=-1',
    'minAmount=1.5',
    'maxAmount=9007199254740993',
    'maxAmount=ten',
    'minAmount=2&maxAmount=1',
    'currency=ZZZ',
    'status=lost',
    'email=nobody@example.org&cursor=abc',
    'name=Zo%C3%AB',
  ])('refuses %s', async (query) => {
    expect(await get(query)).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
  });

  it('lets customers filter their own orders by status only', async () => {
    expect(await found('status=pending', zoe)).toBe('B');
    expect(await found('', bob)).toBe('EDC');
    for (const query of ['email=zo%C3%AB@b%C3%BCcher.example', `userId=${bob!.userId}`, 'sku=MUG', 'minAmount=1'])
      expect(await get(query, bob)).toMatchObject({
        status: 403,
        body: { code: 'AUTH.FORBIDDEN', detail: expect.stringContaining(query.split('=')[0]!) },
      });
  });
});
