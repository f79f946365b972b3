import { PaymentRefunded } from '@seam/contracts';
import { done, messageOf, refused, replyTo } from '@seam/messaging/contract';
import type { OutgoingMessage } from '@seam/kernel';
import { type Work, work } from '@seam/messaging';
import type { Decision } from '../domain/decide.js';
import { type PaymentChange, PaymentKind } from '../ports/payments.js';
import { SettleCharge } from './settle-charge/settle-charge-command.js';

/**
 * The work that decides about a payment, answers whoever waits for it, orders the next look at the provider, and tells of
 * a refund.
 */
export const paymentWork = (change: PaymentChange, now = Date.now()): Work<Decision> =>
  work(PaymentKind, change, (decision: Decision) => ({
    value: decision,
    messages: [...answers(decision), ...nextLook(decision, now), ...word(decision, now)],
  }));

const answers = ({ answers }: Decision): OutgoingMessage[] =>
  answers.flatMap(({ to, failure }) => replyTo(to, failure ? refused(failure.code, failure.reason) : done({})));

function nextLook({ payment, lookInMs }: Decision, now: number): OutgoingMessage[] {
  if (payment === undefined || lookInMs === undefined) return [];
  const { orderId, lookNumber } = payment;
  return [messageOf(SettleCharge, orderId, { orderId, turn: lookNumber }, { notBefore: new Date(now + lookInMs) })];
}

function word({ payment, refunded }: Decision, now: number): OutgoingMessage[] {
  if (payment?.amount === undefined || refunded !== true) return [];
  const { orderId, userId, amount } = payment;
  return [messageOf(PaymentRefunded, orderId, { orderId, userId, amount, refundedAt: new Date(now).toISOString() })];
}
