import type { OrderStatus } from './api-types.js';

/** The demo's action on an order after it was placed. */
export type DemoAction = 'repeat' | 'cancel-at-once' | 'cancel-later' | 'ship';

export interface Kind {
  readonly name: string;
  /** The card's token of the shop's fake payment provider. */
  readonly token: string;
  readonly lines: number;
  readonly act?: DemoAction;
  /** Whether it can be seen only with the staff's password. */
  readonly staffOnly?: boolean;
  readonly expected: Expected;
}

export interface Expected {
  readonly status: OrderStatus;
  readonly code?: string;
  /** Any of these; `none` if there must be no payment. */
  readonly payment: readonly string[];
  /** The order's own saga. */
  readonly saga: 'completed' | 'compensated';
}

const confirmed: Expected = { status: 'confirmed', payment: ['captured'], saga: 'completed' };
const cancelled = (code: string, ...payment: string[]): Expected => ({
  status: 'cancelled',
  code,
  payment,
  saga: 'compensated',
});

const kind = (name: string, token: string, expected: Expected, more: Partial<Kind> = {}): Kind => ({
  name,
  token,
  lines: 1,
  expected,
  ...more,
});

const paid = kind('paid', 'tok_visa', confirmed);
const several = kind('several lines', 'tok_visa', confirmed, { lines: 3 });
const declined = kind('declined card', 'tok_declined', cancelled('PAYMENT_DECLINED', 'declined'));
const flaky = kind('flaky provider', 'tok_flaky', confirmed);

/** One of each kind, the simple ones first. */
export const everyKind: readonly Kind[] = [
  paid,
  several,
  declined,
  flaky,
  kind('slow provider', 'tok_slow', confirmed),
  kind('lost answer', 'tok_lost', confirmed),
  kind('provider down', 'tok_down', cancelled('PAYMENT_FAILED', 'declined')),
  kind('sent three times', 'tok_visa', confirmed, { act: 'repeat' }),
  kind('cancelled early', 'tok_slow', cancelled('CUSTOMER_REQUEST', 'refunded', 'declined', 'none'), {
    act: 'cancel-at-once',
  }),
  kind(
    'cancelled late',
    'tok_visa',
    { status: 'cancelled', code: 'CUSTOMER_REQUEST', payment: ['refunded'], saga: 'completed' },
    { act: 'cancel-later' },
  ),
  kind(
    'shipped',
    'tok_visa',
    { status: 'shipped', payment: ['captured'], saga: 'completed' },
    { act: 'ship', staffOnly: true },
  ),
];

/** The most frequent kinds in a shop. */
export const everydayKinds: readonly Kind[] = [paid, several, paid, declined, paid, flaky];

export const outOfStock = kind('out of stock', 'tok_visa', cancelled('OUT_OF_STOCK', 'none'));

/** Orders by many customers at once: it is known how many are confirmed, but not which. */
export const lastOne = kind('the last one', 'tok_visa', confirmed);
export const tooLate: Expected = outOfStock.expected;
