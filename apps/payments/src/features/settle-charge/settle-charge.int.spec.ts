import { newId } from '@seam/kernel';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { PaymentsRig } from '../../testing/payments-rig.js';

const done = { outcome: 'done', data: {} };

describe('settling a charge of unknown outcome', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let rig: PaymentsRig;

  beforeAll(async () => {
    server = await startTestServer();
  });
  beforeEach(async () => {
    rig = await PaymentsRig.open(await createTestDatabase(server, 'payments'), { timeoutMs: 100, slowAnswerMs: 150 });
  });
  afterEach(() => rig.close());
  afterAll(() => server.stop());

  it.each(['tok_lost', 'tok_slow'])('finds by a poll that %s was captured', async (token) => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, token));
    expect(rig.outcomes(orderId)).toEqual([]);
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'unknown', card: { token } });
    await rig.settle();
    expect(rig.outcomes(orderId)).toEqual([done]);
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'captured', attempts: 1 });
    expect(await rig.payments.find(orderId)).not.toHaveProperty('card');
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 1 });
    expect(rig.polls).toEqual([]);
  });

  it('charges tok_flaky at the third attempt', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_flaky'));
    await rig.settle();
    expect(rig.outcomes(orderId)).toEqual([done]);
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'captured', attempts: 3 });
    expect(await rig.ledger(orderId)).toMatchObject({ charged: 1 });
  });

  it('fails tok_down after six attempts, within five seconds', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_down'));
    await rig.settle(6);
    expect(rig.outcomes(orderId)).toMatchObject([{ outcome: 'refused', code: 'PAYMENT_FAILED' }]);
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'failed', attempts: 6 });
    expect(await rig.ledger(orderId)).toBeUndefined();
    expect(rig.delays.slice(0, 6).reduce((sum, ms) => sum + ms, 0)).toBeLessThan(4_000);
    await rig.settle(); // The late check finds nothing, and is the last.
    expect(rig.polls).toEqual([]);
  });

  it('stores the newest sender of the command, and orders no second poll for it', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_lost', 'first'));
    await rig.deliver(rig.chargeMessage(orderId, 'tok_lost', 'second'));
    expect(rig.polls).toHaveLength(1);
    await rig.settle();
    expect(rig.replies.map(({ context }) => context)).toEqual(['second']);
  });

  it('ignores an outdated poll', async () => {
    const orderId = newId();
    await rig.deliver(rig.chargeMessage(orderId, 'tok_flaky'));
    const [poll] = rig.polls;
    await rig.settle(1);
    await rig.deliver({ ...poll!, id: newId() });
    expect(await rig.payments.find(orderId)).toMatchObject({ state: 'unknown', attempts: 2 });
    expect(rig.polls).toHaveLength(1);
  });
});
