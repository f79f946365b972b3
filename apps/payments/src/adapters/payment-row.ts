import type { ProviderEvent } from '../ports/payments.js';
import { CodedError } from '@seam/kernel';
import type { KnownElsewhere } from '@seam/messaging';
import {
  type ReplyTarget,
  type Failure,
  isPaymentState,
  type Payment,
  type PaymentState,
  type RefundedBy,
} from '../domain/payment.js';

/** A payment as its table holds it; also what a write sends, where `amount` may be a number. */
export interface PaymentRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly state: PaymentState;
  readonly amount: number | string | null;
  readonly refunded: number | string;
  readonly refunded_by: RefundedBy | null;
  readonly currency: string | null;
  readonly token: string | null;
  readonly sealed_token: string | null;
  readonly failure_code: Failure['code'] | null;
  readonly failure_reason: string | null;
  readonly attempts: number;
  readonly tries: number;
  readonly turn: number;
  readonly due: boolean;
  readonly charge_asker: ReplyTarget | null;
  readonly refund_asker: ReplyTarget | null;
}

export interface ChangeRow {
  readonly order_id: string;
  /** The input. */
  readonly cause: string;
  readonly from_state: PaymentState;
  readonly to_state: PaymentState;
  readonly refunded: number;
}

export interface EventRow {
  readonly provider: string;
  readonly id: string;
  readonly type: string;
  /** Null: the event is about no payment of this shop. */
  readonly order_id: string | null;
  readonly body: unknown;
}

export const toEventRow = ({ provider, id, type, body }: ProviderEvent, orderId: string | null): EventRow => ({
  provider,
  id,
  type,
  order_id: orderId,
  body,
});

export const toRow = (payment: Payment): PaymentRow => ({
  order_id: payment.orderId,
  user_id: payment.userId,
  state: payment.state,
  amount: payment.amount?.amount ?? null,
  refunded: payment.refunded?.amount ?? 0,
  refunded_by: payment.refunded?.by ?? null,
  currency: payment.amount?.currency ?? null,
  token: payment.card !== undefined && 'token' in payment.card ? payment.card.token : null,
  sealed_token: payment.card !== undefined && 'sealed' in payment.card ? payment.card.sealed : null,
  failure_code: payment.failure?.code ?? null,
  failure_reason: payment.failure?.reason ?? null,
  attempts: payment.attempts,
  tries: payment.tries,
  turn: payment.pollNumber,
  due: payment.due,
  charge_asker: payment.chargeReplyTarget ?? null,
  refund_asker: payment.refundReplyTarget ?? null,
});

/** A payment is stored in a state that this process does not know; a process of another version may know it. */
class UnreadablePaymentError extends CodedError implements KnownElsewhere {
  readonly knownElsewhere = true;

  constructor({ order_id, state }: PaymentRow) {
    super(
      'conflict',
      'PAYMENT.UNREADABLE',
      `The payment of order ${order_id} cannot be read: there is no state ${JSON.stringify(state)}; staff must check its row`,
    );
  }
}

export function toPayment(row: PaymentRow): Payment {
  if (!isPaymentState(row.state)) throw new UnreadablePaymentError(row);
  return paymentOf(row);
}

const paymentOf = (row: PaymentRow): Payment => ({
  orderId: row.order_id,
  userId: row.user_id,
  state: row.state,
  ...(row.amount === null || row.currency === null
    ? {}
    : { amount: { amount: Number(row.amount), currency: row.currency } }),
  ...(row.token === null ? {} : { card: { token: row.token } }),
  ...(row.sealed_token === null ? {} : { card: { sealed: row.sealed_token } }),
  ...(row.refunded_by === null ? {} : { refunded: { amount: Number(row.refunded), by: row.refunded_by } }),
  ...(row.failure_code === null ? {} : { failure: { code: row.failure_code, reason: row.failure_reason ?? '' } }),
  attempts: row.attempts,
  tries: row.tries,
  pollNumber: row.turn,
  due: row.due,
  ...(row.charge_asker === null ? {} : { chargeReplyTarget: row.charge_asker }),
  ...(row.refund_asker === null ? {} : { refundReplyTarget: row.refund_asker }),
});
