import type { Asker, Failure, Payment, PaymentState } from '../domain/payment.js';

/** A payment as its table holds it; also what a write sends, where `amount` may be a number. */
export interface PaymentRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly state: PaymentState;
  readonly amount: number | string | null;
  readonly refunded: number | string;
  readonly currency: string | null;
  readonly token: string | null;
  readonly failure_code: Failure['code'] | null;
  readonly failure_reason: string | null;
  readonly attempts: number;
  readonly tries: number;
  readonly turn: number;
  readonly due: boolean;
  readonly charge_asker: Asker | null;
  readonly refund_asker: Asker | null;
}

export const toRow = (payment: Payment): PaymentRow => ({
  order_id: payment.orderId,
  user_id: payment.userId,
  state: payment.state,
  amount: payment.amount?.amount ?? null,
  refunded: payment.state === 'refunded' ? (payment.amount?.amount ?? 0) : 0,
  currency: payment.amount?.currency ?? null,
  token: payment.token ?? null,
  failure_code: payment.failure?.code ?? null,
  failure_reason: payment.failure?.reason ?? null,
  attempts: payment.attempts,
  tries: payment.tries,
  turn: payment.turn,
  due: payment.due,
  charge_asker: payment.chargeAsker ?? null,
  refund_asker: payment.refundAsker ?? null,
});

export const toPayment = (row: PaymentRow): Payment => ({
  orderId: row.order_id,
  userId: row.user_id,
  state: row.state,
  ...(row.amount === null || row.currency === null
    ? {}
    : { amount: { amount: Number(row.amount), currency: row.currency } }),
  ...(row.token === null ? {} : { token: row.token }),
  ...(row.failure_code === null ? {} : { failure: { code: row.failure_code, reason: row.failure_reason ?? '' } }),
  attempts: row.attempts,
  tries: row.tries,
  turn: row.turn,
  due: row.due,
  ...(row.charge_asker === null ? {} : { chargeAsker: row.charge_asker }),
  ...(row.refund_asker === null ? {} : { refundAsker: row.refund_asker }),
});
