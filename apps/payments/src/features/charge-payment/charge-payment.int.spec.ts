import { jest } from '@jest/globals';
import { newId } from '@seam/kernel';
import pg from 'pg';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { PaymentsRig } from '../../testing/payments-rig.js';

const done = { outcome: 'done', data: {} };

const textOf = (statement: unknown): string =>
  typeof statement === 'string' ? statement : (statement as { text: string }).text;

describe('charging an order', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let rig: PaymentsRig;

  beforeAll(async () => {
    server = await startTestServer();
    rig = await PaymentsRig.open(await createTestDatabase(server, 'payments'), { timeoutMs: 100, slowAnswerMs: 150 });
  });
  afterAll(async () => {
    await rig.close();
    await server.stop();
  });

  it('captures, answers and stores no token', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_visa'));
    expect(rig.outcomes(orderId)).toEqual([done]);
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'captured', amount: { amount: 1299 } });
    expect(await rig.payments.find(orderId)).not.toHaveProperty('card');
    expect(await rig.ledger(orderId)).toEqual({ charged: 1, refunds: 0, declined: null });
  });

  it('charges a burst with one statement of this service, and one commit of the provider', async () => {
    const orders = Array.from({ length: 100 }, () => newId());
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await Promise.all(orders.map((orderId) => rig.deliver(rig.chargeMessage(orderId, 'tok_visa'))));
    const texts = (query.mock.calls as unknown[][]).map(([statement]) => textOf(statement));
    query.mockRestore();
    expect(texts.map((text) => (text.includes('fake_provider.charge') ? 'provider' : text.slice(0, 10)))).toEqual([
      'begin',
      'set local ',
      'provider',
      'commit',
      'with w0 as',
    ]);
    for (const orderId of orders) expect(rig.outcomes(orderId)).toEqual([done]);
  });

  it('refuses a declined card', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_declined'));
    expect(rig.outcomes(orderId)).toEqual([
      { outcome: 'refused', code: 'PAYMENT_DECLINED', reason: 'the card was declined' },
    ]);
    expect(await rig.ledger(orderId)).toEqual({ charged: 0, refunds: 0, declined: 'the card was declined' });
  });

  it('charges once if the same command arrives twice at once', async () => {
    const orderId = newId();
    const message = rig.chargeMessage(orderId, 'tok_visa');
    const statuses = await Promise.all([rig.deliver(message), rig.deliver(message)]);
    expect(statuses.sort()).toEqual(['done', 'duplicate']);
    expect(rig.outcomes(orderId)).toEqual([done]);
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 1 });
  });

  it('charges once if two commands of one order arrive at once, and answers both', async () => {
    const orderId = newId();
    await Promise.all(['a', 'b'].map((context) => rig.deliver(rig.chargeMessage(orderId, 'tok_visa', context))));
    expect(rig.outcomes(orderId, 'a')).toEqual([done]);
    expect(rig.outcomes(orderId, 'b')).toEqual([done]);
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 1 });
  });

  it('charges once if the process crashes between the charge and the commit', async () => {
    const orderId = newId();
    const message = rig.chargeMessage(orderId, 'tok_visa');
    await rig.prepare(message);
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 1 });
    expect(await rig.payments.find(orderId)).toBeUndefined();
    await rig.deliver(message);
    expect(rig.outcomes(orderId)).toEqual([done]);
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 1 });
  });

  it('answers a later command in the same way, without calling the provider', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_declined', 'first'));
    // Another token would be captured, were the provider called.
    const late = rig.chargeMessage(orderId, 'tok_visa', 'late', new Date(Date.now() - 5_000));
    await rig.deliver(late);
    expect(rig.outcomes(orderId, 'late')).toEqual(rig.outcomes(orderId, 'first'));
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 0 });
  });

  it('does not roll back the others of a batch because of one repeated order', async () => {
    const [known, ...others] = Array.from({ length: 10 }, () => newId()) as [string, ...string[]];
    await rig.deliver(rig.chargeMessage(known, 'tok_visa', 'first'));
    await Promise.all(
      [known, ...others].map((orderId) => rig.deliver(rig.chargeMessage(orderId, 'tok_visa', 'burst'))),
    );
    for (const orderId of [known, ...others]) expect(rig.outcomes(orderId, 'burst')).toEqual([done]);
  });
});
