import { CodedError, Money, unreachable, zero } from '@seam/kernel';
import { z } from 'zod';
import type { Payment, PaymentState } from '../../domain/payment.js';

export const PaymentStatus = z.enum(['pending', 'captured', 'declined', 'refunded', 'unknown']);
export type PaymentStatus = z.infer<typeof PaymentStatus>;

export const PaymentView = z.object({
  orderId: z.uuid(),
  status: PaymentStatus.describe(
    'unknown: the provider is being asked for the result. captured: also while a refund is in progress, and after a ' +
      'partial refund at the provider. declined: nothing was captured and nothing will be, `failureCode` says why. ' +
      'refunded: the whole amount was refunded, `refundedBy` has by whom',
  ),
  amount: Money,
  refunded: Money,
  refundedBy: z
    .enum(['shop', 'provider', 'chargeback'])
    .optional()
    .describe('chargeback: the customer’s bank took it back'),
  failureCode: z.enum(['PAYMENT_DECLINED', 'PAYMENT_FAILED']).optional(),
});
export type PaymentView = z.infer<typeof PaymentView>;

/** `undefined` if there is only a refund and no charge was ever ordered: callers see no payment then. */
export function paymentView(payment: Payment): PaymentView | undefined {
  const { orderId, amount, state, failure, refunded } = payment;
  const status = statusOf(payment);
  if (amount === undefined) return undefined;
  return {
    orderId,
    status,
    amount,
    refunded: status === 'refunded' ? amount : { ...zero(amount.currency), amount: refunded?.amount ?? 0 },
    ...(refunded === undefined ? {} : { refundedBy: refunded.by }),
    // A charge that was found captured later, and is being refunded, is shown as captured: so without a failure code.
    ...(failure === undefined || state === 'refunding' ? {} : { failureCode: failure.code }),
  };
}

export const paymentNotFound = (): CodedError =>
  new CodedError('not-found', 'PAYMENT.NOT_FOUND', 'There is no payment for this order');

function statusOf({ state, attempts }: Payment): PaymentStatus {
  switch (state) {
    case 'unknown':
      return attempts === 0 ? 'pending' : 'unknown';
    case 'voiding':
      return 'unknown';
    case 'captured':
    case 'refunding':
      return 'captured';
    case 'declined':
    case 'failed':
    case 'voided':
      return 'declined';
    case 'refunded':
    case 'charged-back':
      return 'refunded';
    default:
      return unreachable(state);
  }
}

/** The stored states of a status: {@link paymentView} shows exactly these under it. */
export function searchedStates(status: PaymentStatus): { states: readonly PaymentState[]; tried?: boolean } {
  switch (status) {
    case 'pending':
      return { states: ['unknown'], tried: false };
    case 'unknown':
      return { states: ['unknown', 'voiding'], tried: true };
    case 'captured':
      return { states: ['captured', 'refunding'] };
    case 'declined':
      return { states: ['declined', 'failed', 'voided'] };
    case 'refunded':
      return { states: ['refunded', 'charged-back'] };
    default:
      return unreachable(status);
  }
}
