import { decide, type Decision, type PaymentInput } from './decide.js';
import type { ProviderResult } from './provider-result.js';
import { pollDelayMs } from './policy.js';
import type { ReplyTarget, Payment, PaymentState } from './payment.js';

const replyTarget: ReplyTarget = { correlationId: 'o', replyTo: { service: 'orders', context: 'new' } };
const waiting: ReplyTarget = { correlationId: 'o', replyTo: { service: 'orders', context: 'old' } };
const amount = { amount: 1299, currency: 'EUR' };
const order = { userId: 'u', amount, card: { token: 'tok' }, replyTarget };

const charge = (providerResult?: ProviderResult): PaymentInput => ({
  type: 'charge-ordered',
  orderId: 'o',
  order,
  ...(providerResult ? { providerResult } : {}),
});
const refund = (providerResult?: ProviderResult): PaymentInput => ({
  type: 'refund-ordered',
  orderId: 'o',
  userId: 'u',
  replyTarget,
  ...(providerResult ? { providerResult } : {}),
});
const looked = (providerResult: ProviderResult, charged = false, pollNumber = 1): PaymentInput => ({
  type: 'looked',
  orderId: 'o',
  pollNumber,
  charged,
  providerResult,
});
const notified: PaymentInput = { type: 'notified', orderId: 'o' };

const captured: ProviderResult = { type: 'captured' };
const declined: ProviderResult = { type: 'declined', reason: 'no funds' };
const none: ProviderResult = { type: 'none' };
const refunded: ProviderResult = { type: 'refunded' };
const unclear: ProviderResult = { type: 'unclear' };
const chargedBack: ProviderResult = { type: 'charged-back' };

const stored = (state: PaymentState, more: Partial<Payment> = {}): Payment => {
  const open = state === 'unknown' || state === 'voiding' || state === 'refunding';
  const base = { orderId: 'o', userId: 'u', state, amount, attempts: 1, tries: 0, pollNumber: 1, due: open };
  return { ...base, ...(state === 'unknown' ? { card: { token: 'tok' } } : {}), ...more };
};
const voidedReason = { code: 'PAYMENT_FAILED', reason: 'voided: a refund was ordered first' } as const;

/** The expectation of a case: the state after it, the replies and their receivers, and whether a poll is ordered. */
const seen = ({ payment, answers, pollInMs }: Decision) => ({
  state: payment?.state,
  answers: answers.map(({ to, failure }) => `${String(to.replyTo?.context)}: ${failure?.code ?? 'done'}`),
  polls: pollInMs !== undefined,
});

type Case = [string, Payment | undefined, PaymentInput, PaymentState | undefined, string[], boolean];

describe('deciding about a payment', () => {
  it.each<Case>([
    ['a charge that is captured', undefined, charge(captured), 'captured', ['new: done'], false],
    ['a charge that is declined', undefined, charge(declined), 'declined', ['new: PAYMENT_DECLINED'], false],
    ['an unknown charge', undefined, charge(unclear), 'unknown', [], true],
    ['a charge not tried yet', undefined, charge(), 'unknown', [], true],
    ['a refund of nothing', undefined, refund(), 'voided', ['new: done'], false],
    ['a poll at nothing', undefined, looked(captured), undefined, [], false],
    ['a webhook before our own commit', undefined, notified, undefined, [], false],

    ['a repeated charge, captured', stored('captured'), charge(), 'captured', ['new: done'], false],
    [
      'a repeated charge, unknown',
      stored('unknown', { chargeReplyTarget: waiting }),
      charge(unclear),
      'unknown',
      [],
      false,
    ],
    [
      'a repeated charge that finds out',
      stored('unknown', { chargeReplyTarget: waiting }),
      charge(captured),
      'captured',
      ['new: done'],
      false,
    ],
    [
      'a late charge after a refund',
      stored('voided', { failure: voidedReason }),
      charge(),
      'voided',
      ['new: PAYMENT_FAILED'],
      false,
    ],
    [
      'a late charge that was captured',
      stored('voided', { failure: voidedReason }),
      charge(captured),
      'refunding',
      ['new: PAYMENT_FAILED'],
      true,
    ],
    [
      'a late unknown charge',
      stored('voided', { failure: voidedReason }),
      charge(unclear),
      'voided',
      ['new: PAYMENT_FAILED'],
      true,
    ],
    ['a repeated charge, given back', stored('refunded'), charge(captured), 'refunded', ['new: done'], false],

    [
      'a poll that finds it captured',
      stored('unknown', { chargeReplyTarget: waiting }),
      looked(captured),
      'captured',
      ['old: done'],
      false,
    ],
    [
      'a poll that finds it declined',
      stored('unknown', { chargeReplyTarget: waiting }),
      looked(declined),
      'declined',
      ['old: PAYMENT_DECLINED'],
      false,
    ],
    [
      'a poll that finds nothing out',
      stored('unknown', { chargeReplyTarget: waiting }),
      looked(unclear),
      'unknown',
      [],
      true,
    ],
    [
      'a poll after the last attempt',
      stored('unknown', { chargeReplyTarget: waiting, attempts: 6 }),
      looked(none),
      'failed',
      ['old: PAYMENT_FAILED'],
      true,
    ],
    ['the late poll, and there is no charge', stored('failed', { due: true }), looked(none), 'failed', [], false],
    ['the late poll, and there is one', stored('failed', { due: true }), looked(captured), 'refunding', [], true],
    ['a poll overtaken by another', stored('unknown', { pollNumber: 2 }), looked(unclear), 'unknown', [], false],
    ['a poll overtaken by a webhook', stored('captured', { pollNumber: 1 }), looked(captured), 'captured', [], false],

    ['a webhook while it is unknown', stored('unknown', { chargeReplyTarget: waiting }), notified, 'unknown', [], true],
    ['a webhook for what is captured', stored('captured'), notified, 'captured', [], true],
    ['a webhook for what was declined', stored('declined'), notified, 'declined', [], true],
    ['a webhook for what went back', stored('refunded'), notified, 'refunded', [], true],
    [
      'the poll after it, and nothing is new',
      stored('captured', { due: true }),
      looked(captured),
      'captured',
      [],
      false,
    ],
    ['the poll after it, without an answer', stored('captured', { due: true }), looked(unclear), 'captured', [], true],
    [
      'the poll after it, of a declined one',
      stored('declined', { due: true }),
      looked(captured),
      'refunding',
      [],
      true,
    ],
    ['a refund at the provider', stored('captured', { due: true }), looked(refunded), 'refunded', [], false],
    ['a charge-back', stored('captured', { due: true }), looked(chargedBack), 'charged-back', [], false],
    ['a charge-back that was won', stored('charged-back', { due: true }), looked(captured), 'captured', [], false],
    [
      'a charge-back seen by an old poll',
      stored('captured', { pollNumber: 2, due: true }),
      looked(chargedBack),
      'captured',
      [],
      false,
    ],
    [
      'an old poll after a charge-back',
      stored('charged-back', { pollNumber: 2 }),
      looked(captured),
      'charged-back',
      [],
      false,
    ],
    [
      'a repeated charge after a charge-back',
      stored('charged-back'),
      charge(captured),
      'charged-back',
      ['new: done'],
      false,
    ],
    ['a refund of what was charged back', stored('charged-back'), refund(), 'refunded', ['new: done'], false],
    [
      'a refund of what was never captured',
      stored('refunding', { refundReplyTarget: waiting }),
      looked(declined),
      'declined',
      ['old: done'],
      false,
    ],

    ['a refund that works', stored('captured'), refund(refunded), 'refunded', ['new: done'], false],
    ['a refund that does not work yet', stored('captured'), refund(unclear), 'refunding', [], true],
    ['a refund of what was captured meanwhile', stored('captured'), refund(none), 'refunding', [], true],
    [
      'a refund of an unknown charge',
      stored('unknown', { chargeReplyTarget: waiting }),
      refund(unclear),
      'voiding',
      [],
      true,
    ],
    [
      'a refund of one that never was',
      stored('unknown', { chargeReplyTarget: waiting }),
      refund(none),
      'voided',
      ['old: PAYMENT_FAILED', 'new: done'],
      true,
    ],
    [
      'a refund of one that was declined',
      stored('unknown', { chargeReplyTarget: waiting }),
      refund(declined),
      'declined',
      ['old: PAYMENT_DECLINED', 'new: done'],
      false,
    ],
    [
      'a refund of one that was captured',
      stored('unknown', { chargeReplyTarget: waiting }),
      refund(captured),
      'refunding',
      ['old: PAYMENT_FAILED'],
      true,
    ],
    ['a repeated refund', stored('refunded'), refund(), 'refunded', ['new: done'], false],
    [
      'a repeated refund under way',
      stored('refunding', { refundReplyTarget: waiting }),
      refund(unclear),
      'refunding',
      [],
      false,
    ],
    [
      'the end of a refund',
      stored('refunding', { refundReplyTarget: waiting }),
      looked(refunded),
      'refunded',
      ['old: done'],
      false,
    ],
    ['a refund of a declined one', stored('declined'), refund(), 'declined', ['new: done'], false],
  ])('%s', (_case, current, input, state, answers, polls) => {
    expect(seen(decide(current, input))).toEqual({ state, answers, polls });
  });

  it('keeps the card only as long as it may be charged again', () => {
    expect(decide(undefined, charge(unclear)).payment?.card).toEqual({ token: 'tok' });
    for (const input of [looked(captured), looked(declined), refund(unclear)])
      expect(decide(stored('unknown'), input).payment).not.toHaveProperty('card');
  });

  it('counts its attempts', () => {
    expect(decide(undefined, charge(unclear)).payment?.attempts).toBe(1);
    expect(decide(undefined, charge()).payment?.attempts).toBe(0);
    expect(decide(stored('unknown', { attempts: 2 }), looked(unclear, true)).payment?.attempts).toBe(3);
    expect(decide(stored('unknown', { attempts: 2 }), looked(unclear)).payment?.attempts).toBe(2);
  });

  it('polls with growing delays up to 30 s, each poll with a number of its own', () => {
    let decision = decide(undefined, charge(unclear));
    const delays = [decision.pollInMs];
    for (let number = 1; number < 15; number += 1) {
      decision = decide(decision.payment, looked(unclear, false, number));
      delays.push(decision.pollInMs);
      expect(decision.payment).toMatchObject({ pollNumber: number + 1, due: true });
    }
    expect(delays.slice(0, 4)).toEqual([50, 100, 200, 400]);
    expect(delays.at(-1)).toBe(30_000);
    expect(pollDelayMs(10_000)).toBe(30_000);
  });

  it('refunds at once a charge that should not have been captured', () => {
    expect(decide(stored('failed', { due: true }), looked(captured)).pollInMs).toBe(0);
    expect(decide(stored('captured'), refund(unclear)).pollInMs).toBe(50);
  });

  it('stores the amount of a charge that arrives after its refund', () => {
    const { amount: _, ...tombstone } = stored('voided', { failure: voidedReason });
    expect(decide(tombstone, charge(captured)).payment).toMatchObject({ state: 'refunding', amount });
  });

  it('polls at once after a webhook, also if something else changes the payment before that poll', () => {
    const called = decide(stored('unknown', { pollNumber: 4, tries: 9 }), notified);
    expect(called).toMatchObject({ pollInMs: 0, payment: { pollNumber: 5, due: true } });
    const overtaken = decide(called.payment, looked(captured, false, 4));
    expect(overtaken.payment).toMatchObject({ state: 'captured', pollNumber: 5, due: true });
    expect(decide(overtaken.payment, looked(refunded, false, 5)).payment).toMatchObject({
      state: 'refunded',
      due: false,
    });
  });
});
