import { ChargePayment, PaymentRefunded, RefundPayment } from '@seam/contracts';
import { done, messageOf, refused, replyTo } from '@seam/messaging/contract';
import type { OutgoingMessage } from '@seam/kernel';
import { type Work, work } from '@seam/messaging';
import type { Decision } from '../domain/decide.js';
import { type PaymentChange, PaymentKind } from '../ports/payments.js';
import { SettleCharge } from './settle-charge/settle-charge-command.js';

/**
 * The work that decides about a payment, replies to the sagas that wait for it, orders the next poll of the provider, and
 * publishes a refund.
 */
export const paymentWork = (change: PaymentChange, now = Date.now()): Work<Decision> =>
  work(PaymentKind, change, (decision: Decision) => ({
    value: decision,
    messages: [...answers(decision), ...nextPoll(decision, now), ...word(decision, now)],
  }));

const answers = ({ answers }: Decision): OutgoingMessage[] =>
  answers.flatMap(({ to, command, failure }) =>
    replyTo(
      command === 'charge' ? ChargePayment : RefundPayment,
      to,
      failure ? refused(failure.code, failure.reason) : done({}),
    ),
  );

function nextPoll({ payment, pollInMs }: Decision, now: number): OutgoingMessage[] {
  if (payment === undefined || pollInMs === undefined) return [];
  const { orderId, pollNumber } = payment;
  return [messageOf(SettleCharge, orderId, { orderId, turn: pollNumber }, { notBefore: new Date(now + pollInMs) })];
}

function word({ payment, refunded }: Decision, now: number): OutgoingMessage[] {
  if (payment?.amount === undefined || refunded !== true) return [];
  const { orderId, userId, amount } = payment;
  return [messageOf(PaymentRefunded, orderId, { orderId, userId, amount, refundedAt: new Date(now).toISOString() })];
}
