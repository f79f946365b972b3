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
];

/** The state after each finding, in their order; every state and every finding is here. */
const table: Record<PaymentState, readonly [PaymentState, PaymentState, PaymentState, PaymentState, PaymentState]> = {
  //          captured     declined     none         refunded    unclear
  unknown: ['captured', 'declined', 'unknown', 'refunded', 'unknown'],
  voiding: ['refunding', 'declined', 'voided', 'refunded', 'voiding'],
  captured: ['captured', 'captured', 'captured', 'refunded', 'captured'],
  declined: ['refunding', 'declined', 'declined', 'refunded', 'declined'],
  failed: ['refunding', 'failed', 'failed', 'refunded', 'failed'],
  voided: ['refunding', 'voided', 'voided', 'refunded', 'voided'],
  refunding: ['refunding', 'refunding', 'refunding', 'refunded', 'refunding'],
  refunded: ['refunded', 'refunded', 'refunded', 'refunded', 'refunded'],
};

const payment = (state: PaymentState, attempts = 1): Payment => ({
  orderId: 'o',
  userId: 'u',
  state,
  attempts,
  tries: 0,
  turn: 1,
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
});
