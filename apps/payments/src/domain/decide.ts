import { type Money, unreachable } from '@seam/kernel';
import { applyProviderResult, voidedFailure } from './apply-provider-result.js';
import type { ProviderResult } from './provider-result.js';
import {
  type Card,
  type ReplyTarget,
  chargeIsSettled,
  type Failure,
  isOpen,
  type Payment,
  refundIsSettled,
} from './payment.js';
import { lateCheckDelayMs, pollDelayMs } from './policy.js';

interface ChargeOrder {
  readonly userId: string;
  readonly amount: Money;
  readonly card: Card;
  readonly replyTarget: ReplyTarget;
}

/** What happened to an order's payment. The provider's result is older, from outside any transaction: the payment may have changed since. */
export type PaymentInput = { readonly orderId: string; readonly providerResult?: ProviderResult } & (
  | { readonly type: 'charge-ordered'; readonly order: ChargeOrder }
  | { readonly type: 'refund-ordered'; readonly userId: string; readonly replyTarget: ReplyTarget }
  /** The provider was asked because poll `pollNumber` was due, and charged again if `charged`. */
  | { readonly type: 'looked'; readonly pollNumber: number; readonly charged: boolean }
  /** A webhook of the provider arrived: a reason to ask it, independent of the webhook's content. */
  | { readonly type: 'notified' }
);

interface Answer {
  readonly to: ReplyTarget;
  /** The command that it answers. */
  readonly command: 'charge' | 'refund';
  /** Undefined: done. */
  readonly failure?: Failure;
}

export interface Decision {
  /** Undefined: nothing is known of this order, and nothing is stored. */
  readonly payment?: Payment;
  readonly answers: readonly Answer[];
  /** Milliseconds until the provider is asked again, under the payment's new `pollNumber`; undefined: no new poll. */
  readonly pollInMs?: number;
  /** With this decision all of the money is refunded. */
  readonly refunded?: true;
}

/**
 * The only place that decides about a payment: from the stored payment and the input it derives the next payment, the
 * replies, and when the provider is asked again. Pure; the caller makes sure that `current` cannot change meanwhile.
 */
export function decide(current: Payment | undefined, input: PaymentInput): Decision {
  const noted = note(current, input);
  if (noted === undefined) return { answers: [] };
  const found =
    input.providerResult === undefined || isOld(noted, input)
      ? noted
      : applyProviderResult(noted, input.providerResult);
  const decision = scheduled(current, answered(found), input);
  return current?.state !== 'refunded' && found.state === 'refunded' ? { ...decision, refunded: true } : decision;
}

/**
 * Whether the provider's result may be older than what is stored: a chargeback, and its end, are only taken from the
 * newest poll, as nothing else shows which of the two came last.
 */
function isOld(payment: Payment, input: PaymentInput): boolean {
  const { providerResult } = input;
  const isBack = payment.state === 'charged-back' || payment.state === 'refunded';
  if (providerResult?.type !== 'charged-back' && !(providerResult?.type === 'captured' && isBack)) return false;
  return !(input.type === 'looked' && payment.due && input.pollNumber === payment.pollNumber);
}

/** Applies the order before the provider's result: a captured payment whose refund is ordered is `refunding` from here on. */
function note(current: Payment | undefined, input: PaymentInput): Payment | undefined {
  switch (input.type) {
    case 'charge-ordered':
      return noteCharge(current, input.orderId, input.order, input.providerResult !== undefined);
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
  const { userId, amount, card, replyTarget } = order;
  if (current !== undefined) return { ...current, amount: current.amount ?? amount, chargeReplyTarget: replyTarget };
  const attempts = charged ? 1 : 0;
  return { ...fresh(orderId, userId), state: 'unknown', amount, card, attempts, chargeReplyTarget: replyTarget };
}

function noteRefund(current: Payment | undefined, orderId: string, userId: string, replyTarget: ReplyTarget): Payment {
  const payment = current ?? { ...fresh(orderId, userId), state: 'voided', failure: voidedFailure };
  const wanted = { ...payment, refundReplyTarget: replyTarget };
  if (payment.state === 'unknown') return { ...wanted, state: 'voiding', failure: voidedFailure };
  // The bank has taken it back already; if the shop wins the dispute, it is refunded all the same.
  if (payment.state === 'charged-back') return { ...wanted, state: 'refunded' };
  return payment.state === 'captured' ? { ...wanted, state: 'refunding' } : wanted;
}

const fresh = (orderId: string, userId: string): Omit<Payment, 'state'> => ({
  orderId,
  userId,
  attempts: 0,
  tries: 0,
  pollNumber: 0,
  due: false,
});

/** Replies to the commands that are settled now; the card is not kept longer than that. */
function answered(payment: Payment): { payment: Payment; answers: Answer[] } {
  const { chargeReplyTarget, refundReplyTarget, card, ...rest } = payment;
  const chargeSettled = chargeIsSettled(payment);
  const refundSettled = refundIsSettled(payment);
  const answers: Answer[] = [];
  if (chargeSettled && chargeReplyTarget)
    answers.push({
      to: chargeReplyTarget,
      command: 'charge',
      ...(payment.failure ? { failure: payment.failure } : {}),
    });
  if (refundSettled && refundReplyTarget) answers.push({ to: refundReplyTarget, command: 'refund' });
  return {
    payment: {
      ...rest,
      ...(card !== undefined && payment.state === 'unknown' ? { card } : {}),
      ...(chargeReplyTarget && !chargeSettled ? { chargeReplyTarget } : {}),
      ...(refundReplyTarget && !refundSettled ? { refundReplyTarget } : {}),
    },
    answers,
  };
}

/**
 * Makes sure that exactly one poll is under way for a payment that is not settled. A poll that was ordered is executed,
 * even if something else changes the payment before it: the event it was ordered for may have happened after that.
 */
function scheduled(
  before: Payment | undefined,
  { payment, answers }: { payment: Payment; answers: Answer[] },
  input: PaymentInput,
): Decision {
  const moved = before?.state !== payment.state;
  const used = input.type === 'looked' && input.pollNumber === payment.pollNumber;
  const pending = payment.due && !used;
  if (!needsPoll(payment, moved, used, input))
    return { payment: pending ? payment : { ...payment, tries: 0, due: false }, answers };
  if (pending && !moved && input.type !== 'notified') return { payment, answers };
  const tries = moved ? 0 : payment.tries + 1;
  const pollInMs = input.type === 'notified' ? 0 : delay(payment, moved, tries, input.providerResult);
  return { payment: { ...payment, tries, pollNumber: payment.pollNumber + 1, due: true }, answers, pollInMs };
}

function needsPoll(payment: Payment, moved: boolean, used: boolean, input: PaymentInput): boolean {
  if (isOpen(payment) || input.type === 'notified') return true;
  // The poll that was ordered has had no result yet.
  if (used && input.providerResult?.type === 'unclear') return true;
  if (payment.state !== 'failed' && payment.state !== 'voided') return false;
  // Given up: a charge request may have been on its way when the provider had none, or may still be.
  return moved ? payment.attempts > 0 : input.providerResult?.type === 'unclear';
}

function delay(payment: Payment, moved: boolean, tries: number, providerResult: ProviderResult | undefined): number {
  if (payment.state === 'failed' || payment.state === 'voided') return lateCheckDelayMs(tries);
  const untried = providerResult === undefined || providerResult.type === 'captured';
  return moved && untried ? 0 : pollDelayMs(tries);
}
