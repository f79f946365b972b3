import { unreachable } from '@seam/kernel';
import type { ProviderResult } from './provider-result.js';
import type { Failure, Payment, RefundedBy } from './payment.js';
import { CHARGE_ATTEMPTS } from './policy.js';

export const voidedFailure: Failure = { code: 'PAYMENT_FAILED', reason: 'voided: a refund was ordered first' };

const attemptsExhausted: Failure = {
  code: 'PAYMENT_FAILED',
  reason: `the provider has not charged after ${CHARGE_ATTEMPTS} attempts`,
};

const givenBack: Failure = { code: 'PAYMENT_FAILED', reason: 'refunded at the provider' };

/**
 * The payment after a result of the provider. Results may come late, twice and in any order: a settled payment stays as
 * it is, with two exceptions. A charge that is found after the order was answered that it failed is refunded, and a
 * refund that the provider has made by itself is always recorded.
 */
export function applyProviderResult(payment: Payment, providerResult: ProviderResult): Payment {
  switch (providerResult.type) {
    case 'captured':
      return captured(payment, providerResult.refunded ?? 0);
    case 'declined':
      return declined(payment, providerResult.reason);
    case 'none':
      return none(payment);
    case 'refunded':
      return returned(payment, payment.state === 'captured' || payment.state === 'unknown' ? 'provider' : 'shop');
    case 'charged-back':
      return payment.state === 'captured' || payment.state === 'charged-back'
        ? { ...returned(payment, 'chargeback'), state: 'charged-back' }
        : returned(payment, 'chargeback');
    case 'unclear':
      return payment;
    default:
      return unreachable(providerResult);
  }
}

function captured(payment: Payment, refunded: number): Payment {
  switch (payment.state) {
    case 'unknown':
    case 'captured':
      return partlyReturned({ ...payment, state: 'captured' }, refunded);
    case 'voiding':
    case 'declined':
    case 'failed':
    case 'voided':
      return { ...payment, state: 'refunding' };
    case 'refunding':
      return payment;
    case 'refunded':
      return payment.refunded?.by === 'chargeback' ? { ...unreturned(payment), state: 'refunding' } : payment;
    case 'charged-back':
      return partlyReturned({ ...unreturned(payment), state: 'captured' }, refunded);
    default:
      return unreachable(payment.state);
  }
}

/** A charge that was never captured needs no refund, even if one was ordered. */
function declined(payment: Payment, reason: string): Payment {
  if (payment.state !== 'unknown' && payment.state !== 'voiding' && payment.state !== 'refunding') return payment;
  const known = payment.state === 'refunding' ? payment.failure : undefined;
  return { ...payment, state: 'declined', failure: known ?? { code: 'PAYMENT_DECLINED', reason } };
}

function none(payment: Payment): Payment {
  if (payment.state === 'voiding') return { ...payment, state: 'voided' };
  if (payment.state === 'unknown' && payment.attempts >= CHARGE_ATTEMPTS)
    return { ...payment, state: 'failed', failure: attemptsExhausted };
  return payment;
}

/** All of it was refunded. `by` is who did so first; a later result does not replace it. */
function returned(payment: Payment, by: RefundedBy): Payment {
  if (payment.state === 'refunded') return payment;
  const failure = payment.state === 'unknown' ? givenBack : payment.failure;
  const refunded = { amount: payment.amount?.amount ?? 0, by };
  return { ...payment, state: 'refunded', refunded, ...(failure === undefined ? {} : { failure }) };
}

/** The provider refunded a part. Never less than was known before, as results may arrive out of order. */
function partlyReturned(payment: Payment, refunded: number): Payment {
  const amount = Math.min(refunded, payment.amount?.amount ?? 0);
  return amount > (payment.refunded?.amount ?? 0) ? { ...payment, refunded: { amount, by: 'provider' } } : payment;
}

function unreturned({ refunded: _, ...payment }: Payment): Payment {
  return payment;
}
