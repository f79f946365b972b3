import { newId } from '@seam/kernel';
import { Database } from '@seam/persistence/postgres';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import type { ChargeRequest } from '../../ports/payment-provider.js';
import { providerSuite } from '../../ports/payment-provider.suite.js';
import { FakeProvider } from './fake-provider.js';
import { Ledger } from './ledger.js';
import { FakeProvider1760300000001 } from './migrations/given-back.js';
import { FakeProvider1760000100001 } from './migrations/charges.js';

describe('the fake provider', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let database: Database;
  let provider: FakeProvider;

  beforeAll(async () => {
    server = await startTestServer();
    const url = await createTestDatabase(server, 'provider');
    database = await Database.open({
      name: 'payments',
      url,
      migrations: [FakeProvider1760000100001, FakeProvider1760300000001],
    });
    provider = new FakeProvider(new Ledger(database), { slowAnswerMs: 20 });
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  const request = (token: string): ChargeRequest => {
    const orderId = newId();
    return { key: `charge-${orderId}`, orderId, amount: { amount: 1299, currency: 'EUR' }, token };
  };

  describe('as a payment provider', () => {
    providerSuite({
      provider: () => provider,
      cards: { captures: 'tok_visa', declines: 'tok_declined' },
      books: async (key) => {
        const text = 'select charged, refunds from fake_provider.charge where key = $1';
        const [row] = await database.query<{ charged: number; refunds: number }>(text, [key]);
        return row ?? { charged: 0, refunds: 0 };
      },
    });
  });

  it('fails tok_flaky twice per charge, also across a restart', async () => {
    const order = request('tok_flaky');
    await expect(provider.charge(order)).rejects.toThrow('failed temporarily');
    const restarted = new FakeProvider(new Ledger(database));
    await expect(restarted.charge(order)).rejects.toThrow('failed temporarily');
    expect(await restarted.ask(order.key)).toEqual({ outcome: 'none' });
    expect(await restarted.charge(order)).toEqual({ outcome: 'captured' });
    await expect(provider.charge(request('tok_flaky'))).rejects.toThrow('failed temporarily');
  });

  it('always fails tok_down, and has charged nothing', async () => {
    const order = request('tok_down');
    for (let attempt = 0; attempt < 4; attempt += 1) await expect(provider.charge(order)).rejects.toThrow('down');
    expect(await provider.ask(order.key)).toEqual({ outcome: 'none' });
  });

  it('has charged tok_slow before it answers', async () => {
    const order = request('tok_slow');
    const answer = provider.charge(order);
    let answered = false;
    void answer.then(() => (answered = true));
    await waitForCharge(order.key);
    expect(answered).toBe(false);
    expect(await answer).toEqual({ outcome: 'captured' });
  });

  it('charges tok_lost and never answers', async () => {
    const order = request('tok_lost');
    void provider.charge(order).then(() => {
      throw new Error('it answered');
    });
    await waitForCharge(order.key);
  });

  it('declines an unknown card, and does not store its token', async () => {
    const order = request('4111111111111111');
    expect(await provider.charge(order)).toMatchObject({ outcome: 'declined' });
    const [row] = await database.query<object>('select * from fake_provider.charge where key = $1', [order.key]);
    expect(JSON.stringify(row)).not.toContain('4111');
  });

  it('answers both of two processes that charge one key at once', async () => {
    const orders = Array.from({ length: 20 }, () => request('tok_visa'));
    const other = new FakeProvider(new Ledger(database));
    const answers = await Promise.all(orders.flatMap((order) => [provider.charge(order), other.charge(order)]));
    expect(answers).toEqual(Array(40).fill({ outcome: 'captured' }));
  });

  async function waitForCharge(key: string): Promise<void> {
    for (;;) if ((await provider.ask(key)).outcome === 'captured') return;
  }
});
