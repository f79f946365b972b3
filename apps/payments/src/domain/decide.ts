import { type Money, unreachable } from '@seam/kernel';
import { applyFinding, voidedFailure } from './apply-finding.js';
import type { Finding } from './finding.js';
import { type Asker, chargeIsSettled, type Failure, isOpen, type Payment, refundIsSettled } from './payment.js';
import { lateCheckDelayMs, lookDelayMs } from './policy.js';

interface ChargeOrder {
  readonly userId: string;
  readonly amount: Money;
  readonly token: string;
  readonly asker: Asker;
}

/** What happened to an order's payment. A finding was made before, outside any transaction: the payment may have moved on. */
export type PaymentInput = { readonly orderId: string; readonly finding?: Finding } & (
  | { readonly type: 'charge-ordered'; readonly order: ChargeOrder }
  | { readonly type: 'refund-ordered'; readonly userId: string; readonly asker: Asker }
  /** The provider was looked at because turn `turn` was due, and charged again where `charged`. */
  | { readonly type: 'looked'; readonly turn: number; readonly charged: boolean }
  /** The provider called by itself. */
  | { readonly type: 'notified' }
);

interface Answer {
  readonly to: Asker;
  /** None: done. */
  readonly failure?: Failure;
}

export interface Decision {
  /** None: nothing is known of this order, and nothing is to be kept. */
  readonly payment?: Payment;
  readonly answers: readonly Answer[];
  /** Look at the provider in so many milliseconds, under the payment's new `turn`. */
  readonly lookInMs?: number;
}

/**
 * The one decision about a payment: from what is stored now and what came in, to what is stored next, who is answered,
 * and when the provider is looked at again. Pure; the caller makes sure that `current` cannot change meanwhile.
 */
export function decide(current: Payment | undefined, input: PaymentInput): Decision {
  const noted = note(current, input);
  if (noted === undefined) return { answers: [] };
  const found = input.finding === undefined ? noted : applyFinding(noted, input.finding);
  return scheduled(current, answered(found), input);
}

/** What was ordered, before what was found: a captured payment that is to be refunded is on its way back from here on. */
function note(current: Payment | undefined, input: PaymentInput): Payment | undefined {
  switch (input.type) {
    case 'charge-ordered':
      return noteCharge(current, input.orderId, input.order, input.finding !== undefined);
    case 'refund-ordered':
      return noteRefund(current, input.orderId, input.userId, input.asker);
    case 'looked':
      return current && { ...current, attempts: current.attempts + (input.charged ? 1 : 0) };
    case 'notified':
      return current;
    default:
      return unreachable(input);
  }
}

function noteCharge(current: Payment | undefined, orderId: string, order: ChargeOrder, charged: boolean): Payment {
  const { userId, amount, token, asker } = order;
  if (current !== undefined) return { ...current, amount: current.amount ?? amount, chargeAsker: asker };
  const attempts = charged ? 1 : 0;
  return { ...fresh(orderId, userId), state: 'unknown', amount, token, attempts, chargeAsker: asker };
}

function noteRefund(current: Payment | undefined, orderId: string, userId: string, asker: Asker): Payment {
  const payment = current ?? { ...fresh(orderId, userId), state: 'voided', failure: voidedFailure };
  const wanted = { ...payment, refundAsker: asker };
  if (payment.state === 'unknown') return { ...wanted, state: 'voiding', failure: voidedFailure };
  return payment.state === 'captured' ? { ...wanted, state: 'refunding' } : wanted;
}

const fresh = (orderId: string, userId: string): Omit<Payment, 'state'> => ({
  orderId,
  userId,
  attempts: 0,
  tries: 0,
  turn: 0,
  due: false,
});

/** Answers whoever waits for what is settled now; a card's token is not kept longer than that. */
function answered(payment: Payment): { payment: Payment; answers: Answer[] } {
  const { chargeAsker, refundAsker, token, ...rest } = payment;
  const chargeSettled = chargeIsSettled(payment);
  const refundSettled = refundIsSettled(payment);
  const answers: Answer[] = [];
  if (chargeSettled && chargeAsker)
    answers.push({ to: chargeAsker, ...(payment.failure ? { failure: payment.failure } : {}) });
  if (refundSettled && refundAsker) answers.push({ to: refundAsker });
  return {
    payment: {
      ...rest,
      ...(token !== undefined && payment.state === 'unknown' ? { token } : {}),
      ...(chargeAsker && !chargeSettled ? { chargeAsker } : {}),
      ...(refundAsker && !refundSettled ? { refundAsker } : {}),
    },
    answers,
  };
}

/** Sees to it that one message, and only one, leads on from where the payment is not at its end. */
function scheduled(
  before: Payment | undefined,
  { payment, answers }: { payment: Payment; answers: Answer[] },
  input: PaymentInput,
): Decision {
  const moved = before?.state !== payment.state;
  if (!needsLook(payment, moved, input)) return { payment: { ...payment, tries: 0, due: false }, answers };
  const used = input.type === 'looked' && input.turn === payment.turn;
  if (payment.due && !moved && !used) return { payment, answers };
  const tries = moved ? 0 : payment.tries + 1;
  const lookInMs = delay(payment, moved, tries, input.finding);
  return { payment: { ...payment, tries, turn: payment.turn + 1, due: true }, answers, lookInMs };
}

function needsLook(payment: Payment, moved: boolean, input: PaymentInput): boolean {
  if (isOpen(payment)) return true;
  if (payment.state !== 'failed' && payment.state !== 'voided') return false;
  // Given up: a charge of ours may have been on its way when the provider knew of none, or may be even now.
  if (moved) return payment.attempts > 0;
  if (input.finding?.type === 'unclear') return true;
  return payment.due && !(input.type === 'looked' && input.turn === payment.turn);
}

function delay(payment: Payment, moved: boolean, tries: number, finding: Finding | undefined): number {
  if (!isOpen(payment)) return lateCheckDelayMs(tries);
  const untried = finding === undefined || finding.type === 'captured';
  return moved && untried ? 0 : lookDelayMs(tries);
}
