import { type Money, unreachable } from '@seam/kernel';
import { applyFinding, voidedFailure } from './apply-finding.js';
import type { Finding } from './finding.js';
import { type ReplyTarget, chargeIsSettled, type Failure, isOpen, type Payment, refundIsSettled } from './payment.js';
import { lateCheckDelayMs, lookDelayMs } from './policy.js';

interface ChargeOrder {
  readonly userId: string;
  readonly amount: Money;
  readonly token: string;
  readonly replyTarget: ReplyTarget;
}

/** What happened to an order's payment. A finding was made before, outside any transaction: the payment may have moved on. */
export type PaymentInput = { readonly orderId: string; readonly finding?: Finding } & (
  | { readonly type: 'charge-ordered'; readonly order: ChargeOrder }
  | { readonly type: 'refund-ordered'; readonly userId: string; readonly replyTarget: ReplyTarget }
  /** The provider was looked at because look `lookNumber` was due, and charged again if `charged`. */
  | { readonly type: 'looked'; readonly lookNumber: number; readonly charged: boolean }
  /** The provider called by itself: a reason to ask it, whatever it said. */
  | { readonly type: 'notified' }
);

interface Answer {
  readonly to: ReplyTarget;
  /** None: done. */
  readonly failure?: Failure;
}

export interface Decision {
  /** None: nothing is known of this order, and nothing is to be kept. */
  readonly payment?: Payment;
  readonly answers: readonly Answer[];
  /** Look at the provider in so many milliseconds, under the payment's new `lookNumber`. */
  readonly lookInMs?: number;
  /** By this decision all of the money is back with the customer. */
  readonly refunded?: true;
}

/**
 * The one decision about a payment: from what is stored now and what came in, to what is stored next, who is answered,
 * and when the provider is looked at again. Pure; the caller makes sure that `current` cannot change meanwhile.
 */
export function decide(current: Payment | undefined, input: PaymentInput): Decision {
  const noted = note(current, input);
  if (noted === undefined) return { answers: [] };
  const found = input.finding === undefined || isOld(noted, input) ? noted : applyFinding(noted, input.finding);
  const decision = scheduled(current, answered(found), input);
  return current?.state !== 'refunded' && found.state === 'refunded' ? { ...decision, refunded: true } : decision;
}

/**
 * Whether what was found may be older than what is known: a charge-back, and its end, are only believed of the newest
 * look, as nothing else tells which of the two came last.
 */
function isOld(payment: Payment, input: PaymentInput): boolean {
  const { finding } = input;
  const isBack = payment.state === 'charged-back' || payment.state === 'refunded';
  if (finding?.type !== 'charged-back' && !(finding?.type === 'captured' && isBack)) return false;
  return !(input.type === 'looked' && payment.due && input.lookNumber === payment.lookNumber);
}

/** What was ordered, before what was found: a captured payment that is to be refunded is on its way back from here on. */
function note(current: Payment | undefined, input: PaymentInput): Payment | undefined {
  switch (input.type) {
    case 'charge-ordered':
      return noteCharge(current, input.orderId, input.order, input.finding !== undefined);
    case 'refund-ordered':
      return noteRefund(current, input.orderId, input.userId, input.replyTarget);
    case 'looked':
      return current && { ...current, attempts: current.attempts + (input.charged ? 1 : 0) };
    case 'notified':
      return current;
    default:
      return unreachable(input);
  }
}

function noteCharge(current: Payment | undefined, orderId: string, order: ChargeOrder, charged: boolean): Payment {
  const { userId, amount, token, replyTarget } = order;
  if (current !== undefined) return { ...current, amount: current.amount ?? amount, chargeReplyTarget: replyTarget };
  const attempts = charged ? 1 : 0;
  return { ...fresh(orderId, userId), state: 'unknown', amount, token, attempts, chargeReplyTarget: replyTarget };
}

function noteRefund(current: Payment | undefined, orderId: string, userId: string, replyTarget: ReplyTarget): Payment {
  const payment = current ?? { ...fresh(orderId, userId), state: 'voided', failure: voidedFailure };
  const wanted = { ...payment, refundReplyTarget: replyTarget };
  if (payment.state === 'unknown') return { ...wanted, state: 'voiding', failure: voidedFailure };
  // The bank has it back already; should the shop win it from there, it goes back all the same.
  if (payment.state === 'charged-back') return { ...wanted, state: 'refunded' };
  return payment.state === 'captured' ? { ...wanted, state: 'refunding' } : wanted;
}

const fresh = (orderId: string, userId: string): Omit<Payment, 'state'> => ({
  orderId,
  userId,
  attempts: 0,
  tries: 0,
  lookNumber: 0,
  due: false,
});

/** Answers whoever waits for what is settled now; a card's token is not kept longer than that. */
function answered(payment: Payment): { payment: Payment; answers: Answer[] } {
  const { chargeReplyTarget, refundReplyTarget, token, ...rest } = payment;
  const chargeSettled = chargeIsSettled(payment);
  const refundSettled = refundIsSettled(payment);
  const answers: Answer[] = [];
  if (chargeSettled && chargeReplyTarget)
    answers.push({ to: chargeReplyTarget, ...(payment.failure ? { failure: payment.failure } : {}) });
  if (refundSettled && refundReplyTarget) answers.push({ to: refundReplyTarget });
  return {
    payment: {
      ...rest,
      ...(token !== undefined && payment.state === 'unknown' ? { token } : {}),
      ...(chargeReplyTarget && !chargeSettled ? { chargeReplyTarget } : {}),
      ...(refundReplyTarget && !refundSettled ? { refundReplyTarget } : {}),
    },
    answers,
  };
}

/**
 * Sees to it that one message, and only one, leads on from where the payment is not at its end. A look that was ordered
 * is made, whatever else moves the payment before it: what it was ordered for may have happened after that.
 */
function scheduled(
  before: Payment | undefined,
  { payment, answers }: { payment: Payment; answers: Answer[] },
  input: PaymentInput,
): Decision {
  const moved = before?.state !== payment.state;
  const used = input.type === 'looked' && input.lookNumber === payment.lookNumber;
  const pending = payment.due && !used;
  if (!needsLook(payment, moved, used, input))
    return { payment: pending ? payment : { ...payment, tries: 0, due: false }, answers };
  if (pending && !moved && input.type !== 'notified') return { payment, answers };
  const tries = moved ? 0 : payment.tries + 1;
  const lookInMs = input.type === 'notified' ? 0 : delay(payment, moved, tries, input.finding);
  return { payment: { ...payment, tries, lookNumber: payment.lookNumber + 1, due: true }, answers, lookInMs };
}

function needsLook(payment: Payment, moved: boolean, used: boolean, input: PaymentInput): boolean {
  if (isOpen(payment) || input.type === 'notified') return true;
  // A look that was ordered has shown nothing yet.
  if (used && input.finding?.type === 'unclear') return true;
  if (payment.state !== 'failed' && payment.state !== 'voided') return false;
  // Given up: a charge of ours may have been on its way when the provider knew of none, or may be even now.
  return moved ? payment.attempts > 0 : input.finding?.type === 'unclear';
}

function delay(payment: Payment, moved: boolean, tries: number, finding: Finding | undefined): number {
  if (payment.state === 'failed' || payment.state === 'voided') return lateCheckDelayMs(tries);
  const untried = finding === undefined || finding.type === 'captured';
  return moved && untried ? 0 : lookDelayMs(tries);
}
