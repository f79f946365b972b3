import { CardKeyPublished } from '@seam/contracts';
import { done, refused } from '@seam/messaging/contract';
import { type Message, newId } from '@seam/kernel';
import { everythingIn } from '@seam/persistence/testing';
import { newSealingKeyPair, Opener, sealedFor } from '@seam/security';
import { eventually } from '@seam/testing';
import { placementSagaId } from '../../sagas/order-data.js';
import { type Answer, OrdersApp, type Person } from '../../testing/orders-app.js';
import { engines, openOrdersStore, type OrdersStore } from '../../testing/orders-store.js';

const RESERVE = 'inventory.reserve-stock.v1';
const CHARGE = 'payments.charge-payment.v1';
const TOKEN = 'tok_0123456789abcdef';

describe.each(engines)('the token of a card, on %s', (name) => {
  let store: OrdersStore;
  let app: OrdersApp;
  const key = newSealingKeyPair();
  const staff: Person = { userId: newId(), role: 'staff' };
  const customer: Person = { userId: newId(), role: 'customer' };

  beforeAll(async () => {
    store = await openOrdersStore(name);
    app = await OrdersApp.start(store.environment, { cardKey: key });
    await app.sell({ MUG: 1299 });
  });
  afterAll(async () => {
    await app.running.close();
    await store.remove();
  });

  const place = (to: OrdersApp): Promise<Answer> =>
    to.call('POST', '/api/orders', customer, {
      items: [{ sku: 'MUG', quantity: 1 }],
      payment: { method: 'card', token: TOKEN },
    });
  const ordered = async (): Promise<string> => {
    const { status, body } = await place(app);
    expect(status).toBe(202);
    return body.id as string;
  };
  const sent = (id: string, type: string): Promise<Message> =>
    eventually(() => {
      const last = app.commands.filter((one) => one.correlationId === id && one.type === type).at(-1);
      if (last === undefined) throw new Error(`${type} was not sent`);
      return last;
    });
  const answered = async (id: string, type: string, outcome = done({})): Promise<void> =>
    app.answer(await sent(id, type), outcome);
  const sagaIs = (id: string, state: string): Promise<void> =>
    eventually(async () =>
      expect((await app.call('GET', `/api/sagas/${placementSagaId(id)}`, staff)).body.state).toBe(state),
    );
  const stored = (): ReturnType<typeof everythingIn> => {
    const url = new URL(store.environment['DATABASE_URL'] ?? store.environment['MONGODB_URL'] ?? '');
    url.pathname = '/seam_orders';
    return everythingIn(url.href);
  };

  it('is stored nowhere, however its order ends', async () => {
    const confirmed = await ordered();
    await answered(confirmed, RESERVE);
    await answered(confirmed, CHARGE);
    await answered(confirmed, 'notifications.send-notification.v1');
    await sagaIs(confirmed, 'completed');

    const declined = await ordered();
    await answered(declined, RESERVE);
    await answered(declined, CHARGE, refused('PAYMENT_DECLINED', 'no funds'));
    await answered(declined, 'inventory.release-stock.v1');
    await sagaIs(declined, 'compensated');

    const cancelled = await ordered();
    const reserving = await sent(cancelled, RESERVE);
    expect((await app.call('POST', `/api/orders/${cancelled}/cancel`, customer)).status).toBe(202);
    await app.answer(reserving, refused('OUT_OF_STOCK', 'MUG: 0 of 1'));
    await sagaIs(cancelled, 'compensated');

    const parked = await ordered();
    await answered(parked, RESERVE, refused('MOON_IS_FULL', 'try another one'));
    await sagaIs(parked, 'parked');

    const tables = await stored();
    const rows = [...tables].flatMap(([table, of]) => of.map((row) => `${table}: ${row}`));
    for (const id of [confirmed, declined, cancelled, parked])
      expect(rows.filter((row) => row.includes(id)).length).toBeGreaterThan(1);
    const forms = [TOKEN, Buffer.from(TOKEN).toString('hex'), Buffer.from(TOKEN).toString('base64').slice(0, -2)];
    expect(rows.filter((row) => forms.some((form) => row.includes(form)))).toEqual([]);
  });

  it('reaches payments, for its order alone', async () => {
    const id = await ordered();
    await answered(id, RESERVE);
    const { data } = await sent(id, CHARGE);
    const { sealed } = (data as { payment: { sealed: string } }).payment;
    expect(data).toMatchObject({ orderId: id, payment: { method: 'card', sealed: expect.any(String) } });
    expect(new Opener(key.privateKey).open(sealed, id)).toBe(TOKEN);
    expect(() => new Opener(key.privateKey).open(sealed, newId())).toThrow();
  });

  it('is sealed with the newest key, after a restart, whichever came last', async () => {
    const [old, newer] = [newSealingKeyPair(), newSealingKeyPair()];
    const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
    await app.publish(CardKeyPublished, { keyId: newer.id, publicKey: newer.publicKey, createdAt: at(5_000) });
    await app.publish(CardKeyPublished, { keyId: newer.id, publicKey: newer.publicKey, createdAt: at(5_000) });
    await app.publish(CardKeyPublished, { keyId: old.id, publicKey: old.publicKey, createdAt: at(-5_000) });
    await app.running.close();
    app = await OrdersApp.start(store.environment, { cardKey: 'never-published' });

    const id = await ordered();
    await answered(id, RESERVE);
    const { data } = await sent(id, CHARGE);
    expect(sealedFor((data as { payment: { sealed: string } }).payment.sealed)).toBe(newer.id);
  });
});

it('is not taken before payments has published a key, and then at once', async () => {
  const store = await openOrdersStore('postgres');
  const app = await OrdersApp.start(store.environment, { cardKey: 'never-published' });
  try {
    await app.sell({ MUG: 1299 });
    const person: Person = { userId: newId(), role: 'customer' };
    const body = { items: [{ sku: 'MUG', quantity: 1 }], payment: { method: 'card', token: TOKEN } };
    const place = (): Promise<Answer> => app.call('POST', '/api/orders', person, body);
    expect(await place()).toMatchObject({ status: 503, body: { code: 'ORDER.CARD_KEY_MISSING' } });

    const placing = place();
    const { id: keyId, publicKey } = newSealingKeyPair();
    await app.publish(CardKeyPublished, { keyId, publicKey, createdAt: new Date().toISOString() });
    expect(await placing).toMatchObject({ status: 202 });
  } finally {
    await app.running.close();
    await store.remove();
  }
});
