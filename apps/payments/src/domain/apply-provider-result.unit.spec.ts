import { applyProviderResult } from './apply-provider-result.js';
import type { ProviderResult } from './provider-result.js';
import type { Payment, PaymentState } from './payment.js';
import { CHARGE_ATTEMPTS } from './policy.js';

const providerResults: readonly ProviderResult[] = [
  { type: 'captured' },
  { type: 'declined', reason: 'no funds' },
  { type: 'none' },
  { type: 'refunded' },
  { type: 'unclear' },
  { type: 'charged-back' },
];

/** The state after each result, in the order of the columns; every state and every result is included. */
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
  pollNumber: 1,
  due: true,
});

const cases = Object.entries(table).flatMap(([state, row]) =>
  providerResults.map(
    (providerResult, index) => [state as PaymentState, providerResult, row[index] as PaymentState] as const,
  ),
);

describe('a result of the provider', () => {
  it.each(cases)('%s, found %j: %s', (state, providerResult, expected) => {
    expect(applyProviderResult(payment(state), providerResult).state).toBe(expected);
  });

  it('without a charge fails the payment after the last attempt, not before', () => {
    expect(applyProviderResult(payment('unknown', CHARGE_ATTEMPTS - 1), { type: 'none' }).state).toBe('unknown');
    expect(applyProviderResult(payment('unknown', CHARGE_ATTEMPTS), { type: 'none' })).toMatchObject({
      state: 'failed',
      failure: { code: 'PAYMENT_FAILED' },
    });
  });

  it('stores why a charge is refused', () => {
    const declined = applyProviderResult(payment('unknown'), { type: 'declined', reason: 'no funds' });
    expect(declined.failure).toEqual({ code: 'PAYMENT_DECLINED', reason: 'no funds' });
    expect(applyProviderResult(payment('unknown'), { type: 'refunded' }).failure?.code).toBe('PAYMENT_FAILED');
    expect(applyProviderResult(payment('captured'), { type: 'refunded' }).failure).toBeUndefined();
  });

  it('stores how much was refunded, and by whom', () => {
    const paid = { ...payment('captured'), amount: { amount: 1299, currency: 'EUR' } };
    const partly = applyProviderResult(paid, { type: 'captured', refunded: 300 });
    expect(partly).toMatchObject({ state: 'captured', refunded: { amount: 300, by: 'provider' } });
    expect(applyProviderResult(partly, { type: 'captured' })).toEqual(partly);
    expect(applyProviderResult(paid, { type: 'captured', refunded: 9_999 }).refunded?.amount).toBe(1299);
    expect(applyProviderResult(partly, { type: 'refunded' }).refunded).toEqual({ amount: 1299, by: 'provider' });
    expect(applyProviderResult({ ...paid, state: 'refunding' }, { type: 'refunded' }).refunded?.by).toBe('shop');
    expect(applyProviderResult(paid, { type: 'charged-back' }).refunded).toEqual({ amount: 1299, by: 'chargeback' });
  });

  it('of a charge-back that was won makes it captured again, or refunds it if a refund was ordered meanwhile', () => {
    const back = applyProviderResult(payment('captured'), { type: 'charged-back' });
    expect(applyProviderResult(back, { type: 'captured' })).toEqual(payment('captured'));
    const ordered = { ...back, state: 'refunded' as const };
    expect(applyProviderResult(ordered, { type: 'captured' })).toMatchObject({ state: 'refunding' });
  });
});
