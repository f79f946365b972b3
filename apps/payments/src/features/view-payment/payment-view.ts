import { Money, unreachable, zero } from '@seam/kernel';
import { z } from 'zod';
import type { Payment } from '../../domain/payment.js';

const PaymentStatus = z.enum(['pending', 'captured', 'declined', 'refunded', 'unknown']);
type PaymentStatus = z.infer<typeof PaymentStatus>;

export const PaymentView = z.object({
  orderId: z.uuid(),
  status: PaymentStatus.describe(
    'unknown: the provider is being asked. captured: also while a refund is on its way. declined: nothing was ' +
      'captured and nothing will be, `failureCode` says why',
  ),
  amount: Money,
  refunded: Money,
  failureCode: z.enum(['PAYMENT_DECLINED', 'PAYMENT_FAILED']).optional(),
});
export type PaymentView = z.infer<typeof PaymentView>;

/** `undefined` where there is only a refund and no charge was ever ordered: that is no payment to look at. */
export function paymentView(payment: Payment): PaymentView | undefined {
  const { orderId, amount, state, failure } = payment;
  if (amount === undefined) return undefined;
  return {
    orderId,
    status: statusOf(payment),
    amount,
    refunded: state === 'refunded' ? amount : zero(amount.currency),
    ...(failure === undefined ? {} : { failureCode: failure.code }),
  };
}

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
      return 'refunded';
    default:
      return unreachable(state);
  }
}
