import { newId } from '@seam/kernel';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import type { PaymentProvider } from '../../ports/payment-provider.js';
import { PaymentsRig } from '../../testing/payments-rig.js';

const done = { outcome: 'done', data: {} };

describe('refunding an order', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let rig: PaymentsRig;
  let refundsFail = false;

  const wrap = (provider: PaymentProvider): PaymentProvider => {
    const refund = provider.refund.bind(provider);
    provider.refund = (...call) => (refundsFail ? Promise.reject(new Error('not now')) : refund(...call));
    return provider;
  };

  beforeAll(async () => {
    server = await startTestServer();
    rig = await PaymentsRig.open(await createTestDatabase(server, 'payments'), { wrap, timeoutMs: 100 });
  });
  beforeEach(() => (refundsFail = false));
  afterAll(async () => {
    await rig.close();
    await server.stop();
  });

  it('refunds a captured payment once', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_visa'));
    await Promise.all(['a', 'b'].map((context) => rig.deliver(rig.refundMessage(orderId, context))));
    expect([rig.outcomes(orderId, 'a'), rig.outcomes(orderId, 'b')]).toEqual([[done], [done]]);
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'refunded' });
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 1, refunds: 1 });
    expect(rig.refundsPublished.filter((id) => id === orderId)).toHaveLength(1);
  });

  it('stores the refund if there is nothing to refund, and refuses the charge that arrives later', async () => {
    const orderId = newId();
    await rig.deliver(rig.refundMessage(orderId));
    expect(rig.outcomes(orderId, 'refund')).toEqual([done]);
    await rig.deliver(rig.chargeMessage(orderId, 'tok_visa', 'charge', new Date(Date.now() - 5_000)));
    expect(rig.outcomes(orderId, 'charge')).toMatchObject([{ outcome: 'refused', code: 'PAYMENT_FAILED' }]);
    expect(await rig.ledger(orderId)).toBeUndefined();
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'voided', amount: { amount: 1299 } });
  });

  it('refunds at once what a charge right after the refund has captured', async () => {
    const orderId = newId();
    await rig.deliver(rig.refundMessage(orderId));
    await rig.deliver(rig.chargeMessage(orderId, 'tok_visa'));
    expect(rig.outcomes(orderId, 'charge')).toMatchObject([{ outcome: 'refused', code: 'PAYMENT_FAILED' }]);
    await rig.settle();
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'refunded' });
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 1, refunds: 1 });
  });

  it('voids a charge of unknown outcome that was never made', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_down'));
    await rig.deliver(rig.refundMessage(orderId));
    expect(rig.outcomes(orderId, 'refund')).toEqual([done]);
    expect(rig.outcomes(orderId, 'charge')).toMatchObject([{ outcome: 'refused', code: 'PAYMENT_FAILED' }]);
    await rig.settle();
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'voided', attempts: 1 });
  });

  it('refunds a charge of unknown outcome when a poll finds it', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_lost'));
    await rig.deliver(rig.refundMessage(orderId));
    await rig.settle();
    expect(rig.outcomes(orderId, 'refund')).toEqual([done]);
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 1, refunds: 1 });
  });

  it('keeps a refund at which the provider fails, and answers when it is done', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_visa'));
    refundsFail = true;
    await rig.deliver(rig.refundMessage(orderId));
    await rig.settle(3);
    expect(rig.outcomes(orderId, 'refund')).toEqual([]);
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'refunding', due: true });
    refundsFail = false;
    await rig.settle();
    expect(rig.outcomes(orderId, 'refund')).toEqual([done]);
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 1, refunds: 1 });
  });
});
