import { unreachable } from '@seam/kernel';
import type { Finding } from './finding.js';
import type { Failure, Payment } from './payment.js';
import { CHARGE_ATTEMPTS } from './policy.js';

export const voidedFailure: Failure = { code: 'PAYMENT_FAILED', reason: 'voided: a refund was ordered first' };

const exhausted: Failure = {
  code: 'PAYMENT_FAILED',
  reason: `the provider has not charged after ${CHARGE_ATTEMPTS} attempts`,
};

/**
 * The payment in the light of what the provider has shown. Findings may come late, twice and in any order: what is
 * settled stays, except that money found after the order was told there is none goes back.
 */
export function applyFinding(payment: Payment, finding: Finding): Payment {
  switch (finding.type) {
    case 'captured':
      return captured(payment);
    case 'declined':
      return payment.state === 'unknown' || payment.state === 'voiding'
        ? { ...payment, state: 'declined', failure: { code: 'PAYMENT_DECLINED', reason: finding.reason } }
        : payment;
    case 'none':
      return none(payment);
    case 'refunded':
      return refunded(payment);
    case 'unclear':
      return payment;
    default:
      return unreachable(finding);
  }
}

function captured(payment: Payment): Payment {
  switch (payment.state) {
    case 'unknown':
      return { ...payment, state: 'captured' };
    case 'voiding':
    case 'declined':
    case 'failed':
    case 'voided':
      return { ...payment, state: 'refunding' };
    case 'captured':
    case 'refunding':
    case 'refunded':
      return payment;
    default:
      return unreachable(payment.state);
  }
}

function none(payment: Payment): Payment {
  if (payment.state === 'voiding') return { ...payment, state: 'voided' };
  if (payment.state === 'unknown' && payment.attempts >= CHARGE_ATTEMPTS)
    return { ...payment, state: 'failed', failure: exhausted };
  return payment;
}

/** The provider is the authority on what it gave back, whoever ordered it there. */
function refunded(payment: Payment): Payment {
  const failure: Failure | undefined =
    payment.state === 'unknown' ? { code: 'PAYMENT_FAILED', reason: 'given back at the provider' } : payment.failure;
  return { ...payment, state: 'refunded', ...(failure === undefined ? {} : { failure }) };
}
