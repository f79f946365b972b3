import { applyFinding } from './apply-finding.js';
import type { Finding } from './finding.js';
import type { Payment, PaymentState } from './payment.js';
import { CHARGE_ATTEMPTS } from './policy.js';

const findings: readonly Finding[] = [
  { type: 'captured' },
  { type: 'declined', reason: 'no funds' },
  { type: 'none' },
  { type: 'refunded' },
  { type: 'unclear' },
  { type: 'charged-back' },
];

/** The state after each finding, in their order; every state and every finding is here. */
const table: Record<PaymentState, readonly PaymentState[]> = {
  //               captured     declined     none         refunded     unclear      charged back
  unknown: ['captured', 'declined', 'unknown', 'refunded', 'unknown', 'refunded'],
  voiding: ['refunding', 'declined', 'voided', 'refunded', 'voiding', 'refunded'],
  captured: ['captured', 'captured', 'captured', 'refunded', 'captured', 'charged-back'],
  declined: ['refunding', 'declined', 'declined', 'refunded', 'declined', 'refunded'],
  failed: ['refunding', 'failed', 'failed', 'refunded', 'failed', 'refunded'],
  voided: ['refunding', 'voided', 'voided', 'refunded', 'voided', 'refunded'],
  refunding: ['refunding', 'declined', 'refunding', 'refunded', 'refunding', 'refunded'],
  refunded: ['refunded', 'refunded', 'refunded', 'refunded', 'refunded', 'refunded'],
  'charged-back': ['captured', 'charged-back', 'charged-back', 'refunded', 'charged-back', 'charged-back'],
};

const payment = (state: PaymentState, attempts = 1): Payment => ({
  orderId: 'o',
  userId: 'u',
  state,
  attempts,
  tries: 0,
  lookNumber: 1,
  due: true,
});

const cases = Object.entries(table).flatMap(([state, row]) =>
  findings.map((finding, index) => [state as PaymentState, finding, row[index] as PaymentState] as const),
);

describe('a finding', () => {
  it.each(cases)('%s, found %j: %s', (state, finding, expected) => {
    expect(applyFinding(payment(state), finding).state).toBe(expected);
  });

  it('of no charge fails it after the last attempt, not before', () => {
    expect(applyFinding(payment('unknown', CHARGE_ATTEMPTS - 1), { type: 'none' }).state).toBe('unknown');
    expect(applyFinding(payment('unknown', CHARGE_ATTEMPTS), { type: 'none' })).toMatchObject({
      state: 'failed',
      failure: { code: 'PAYMENT_FAILED' },
    });
  });

  it('says why a charge is refused', () => {
    const declined = applyFinding(payment('unknown'), { type: 'declined', reason: 'no funds' });
    expect(declined.failure).toEqual({ code: 'PAYMENT_DECLINED', reason: 'no funds' });
    expect(applyFinding(payment('unknown'), { type: 'refunded' }).failure?.code).toBe('PAYMENT_FAILED');
    expect(applyFinding(payment('captured'), { type: 'refunded' }).failure).toBeUndefined();
  });

  it('knows how much went back, and by whom', () => {
    const paid = { ...payment('captured'), amount: { amount: 1299, currency: 'EUR' } };
    const partly = applyFinding(paid, { type: 'captured', refunded: 300 });
    expect(partly).toMatchObject({ state: 'captured', refunded: { amount: 300, by: 'provider' } });
    expect(applyFinding(partly, { type: 'captured' })).toEqual(partly);
    expect(applyFinding(paid, { type: 'captured', refunded: 9_999 }).refunded?.amount).toBe(1299);
    expect(applyFinding(partly, { type: 'refunded' }).refunded).toEqual({ amount: 1299, by: 'provider' });
    expect(applyFinding({ ...paid, state: 'refunding' }, { type: 'refunded' }).refunded?.by).toBe('shop');
    expect(applyFinding(paid, { type: 'charged-back' }).refunded).toEqual({ amount: 1299, by: 'chargeback' });
  });

  it('of a charge-back that was won makes it captured again, or gives it back where a refund was ordered meanwhile', () => {
    const back = applyFinding(payment('captured'), { type: 'charged-back' });
    expect(applyFinding(back, { type: 'captured' })).toEqual(payment('captured'));
    const ordered = { ...back, state: 'refunded' as const };
    expect(applyFinding(ordered, { type: 'captured' })).toMatchObject({ state: 'refunding' });
  });
});
