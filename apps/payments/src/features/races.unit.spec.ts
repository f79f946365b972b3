import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { isOpen } from '../domain/payment.js';
import { type Choices, type Fault, PaymentSimulation } from '../testing/payment-simulation.js';

type Order = 'charge' | 'refund';
/** The provider's own actions: it sends a webhook, or refunds the money. */
type Act = 'webhook' | 'refund' | 'chargeback';

/** Replays the choices; after the last one, everything succeeds in the order of the calls. */
const choicesOf = (picks: readonly number[], faults: readonly Fault[]): Choices => {
  let pick = 0;
  let fault = 0;
  return { pick: (among) => (picks[pick++] ?? 0) % among, fault: () => faults[fault++] ?? 'none' };
};

async function play(
  orders: readonly Order[],
  choices: Choices,
  declines: boolean,
  acts: readonly Act[] = [],
): Promise<PaymentSimulation> {
  const simulation = new PaymentSimulation(choices, declines);
  orders.forEach((order, index) => simulation[order](`${order}-${index}`));
  for (const act of acts) {
    if (act === 'webhook') simulation.notify();
    else simulation.reverse(act);
  }
  await simulation.run();
  return simulation;
}

/** The conditions that hold in the end, whatever happened in which order. */
function check(simulation: PaymentSimulation, orders: readonly Order[]): void {
  const { payment, ledger, answers } = simulation;
  const kept = ledger.charged - ledger.refunds - (ledger.chargedBack ? 1 : 0);
  expect(payment).toBeDefined();
  expect(isOpen(payment!)).toBe(false);
  expect(payment).toMatchObject({ due: false });
  for (const field of ['card', 'chargeReplyTarget', 'refundReplyTarget']) expect(payment).not.toHaveProperty(field);
  expect({ state: payment!.state, kept }).toEqual({
    state: payment!.state,
    kept: payment!.state === 'captured' ? 1 : 0,
  });
  const isRefunded = ['refunded', 'charged-back'].includes(payment!.state);
  expect(ledger.refunds + (ledger.chargedBack ? 1 : 0)).toBe(isRefunded ? 1 : 0);
  if (orders.includes('refund')) expect(kept).toBe(0);
  for (const type of ['charge', 'refund']) {
    const given = answers.filter(({ context }) => context.startsWith(type));
    expect(given.length > 0).toBe(orders.includes(type as Order));
    expect(new Set(given.map(({ outcome }) => outcome)).size).toBeLessThanOrEqual(1);
  }
}

describe('concurrent messages about one payment', () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(['log', 'warn', 'error']));

  const orders = fc.constantFrom<Order[]>(
    ['charge'],
    ['charge', 'charge'],
    ['charge', 'refund'],
    ['refund', 'charge'],
    ['charge', 'refund', 'charge'],
    ['charge', 'refund', 'refund'],
  );
  const picks = fc.array(fc.nat(20), { maxLength: 60 });
  const fault = fc.constantFrom<Fault>('none', 'before', 'after', 'late');

  it.each([
    ['captures', false],
    ['declines', true],
  ])('end right when the provider %s, in every order and with every fault', async (_does, declines) => {
    await fc.assert(
      fc.asyncProperty(orders, picks, fc.array(fault, { maxLength: 12 }), async (sent, order, faults) => {
        check(await play(sent, choicesOf(order, faults), declines), sent);
      }),
      { numRuns: 400 },
    );
  });

  it('end correctly, whatever the provider answers and does by itself meanwhile', async () => {
    const acts = fc.array(fc.constantFrom<Act>('webhook', 'webhook', 'refund', 'chargeback'), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(orders, picks, fc.array(fault, { maxLength: 12 }), acts, async (sent, order, faults, done) => {
        check(await play(sent, choicesOf(order, faults), false, done), sent);
      }),
      { numRuns: 800 },
    );
  });

  it('end correctly if the provider is down until all attempts are used up', async () => {
    const simulation = await play(['charge'], choicesOf([], Array<Fault>(1).fill('before')), false);
    expect(simulation.answers).toEqual([{ context: 'charge-0', outcome: 'done' }]);
    const down: Choices = {
      pick: () => 0,
      fault: (() => {
        let n = 0;
        return () => (n++ % 2 === 0 ? 'before' : 'none');
      })(),
    };
    const failed = await play(['charge'], down, false);
    expect(failed.answers).toEqual([{ context: 'charge-0', outcome: 'PAYMENT_FAILED' }]);
    expect(failed.ledger).toEqual({ charged: 0, declined: false, refunds: 0, chargedBack: false });
  });
});
