import { showMoney } from '@seam/kernel';
import type { Outcome } from './drive.js';
import { judge, judgeRace } from './judge.js';
import { type Cell, type Row, styled, table } from './table.js';
import type { Money, Saga, Step } from './views.js';
import { becameOf, secondsOf, tally } from './words.js';

const INDENT = ' '.repeat(7);

/** Every order in a row, its saga's steps in columns of their own. */
export function ordersTable(outcomes: readonly Outcome[]): string {
  const steps = outcomes[0]?.sagas[0]?.steps.map(({ name }) => head(name)) ?? [];
  const heading = ['', '#', 'kind', 'order', 'became', 'payment', 'time', ...steps];
  return table([
    heading.map((text): Cell => ({ text, style: 'bold', ...(text === '#' || text === 'time' ? RIGHT : {}) })),
    ...outcomes.flatMap(rowsOf),
  ]);
}

const RIGHT = { align: 'right' } as const;

/** `charge-payment` in a heading: its verb says enough. */
const head = (name: string): string => name.split('-', 1)[0] ?? name;

function rowsOf(outcome: Outcome): Row[] {
  const { planned, order, payment, tookMs, sagas } = outcome;
  const wrong = judge(outcome);
  const [own, ...others] = sagas;
  return [
    [
      wrong.length === 0 ? { text: '✓', style: 'green' } : { text: '✗', style: 'red' },
      { text: String(planned.number), ...RIGHT },
      { text: planned.kind.name },
      { text: order.id.slice(0, 8), style: 'dim' },
      { text: becameOf(order), ...(order.status === 'cancelled' ? { style: 'yellow' as const } : {}) },
      { text: payment?.status ?? '-' },
      { text: secondsOf(tookMs), ...RIGHT },
      ...(own?.steps ?? []).map(stepCell),
    ],
    ...others.map((saga): Row => ({ note: `${INDENT}└ ${sagaLine(saga)}`, style: 'dim' })),
    ...wrong.map((reason): Row => ({ note: `${INDENT}✗ ${reason}`, style: 'red' })),
  ];
}

function stepCell({ state, attempts }: Step): Cell {
  const text = state === 'waiting' ? '-' : attempts > 1 ? `${state} ×${attempts}` : state;
  if (state === 'done') return { text, style: 'green' };
  if (state === 'waiting') return { text, style: 'dim' };
  return { text, style: state === 'refused' ? 'red' : 'yellow' };
}

const sagaLine = ({ definition, state, steps }: Saga): string =>
  `then ${definition}, ${state}: ${steps.map((step) => `${head(step.name)} ${step.state}`).join(', ')}`;

/** What all orders come to together, and whether it is as it should be. */
export function totals(
  outcomes: readonly Outcome[],
  scarce: number | undefined,
  tookMs: number,
): { text: string; right: boolean } {
  const wrong = outcomes.filter((outcome) => judge(outcome).length > 0).length;
  const race = judgeRace(outcomes, scarce ?? 0);
  const money = moneyOf(outcomes);
  const right = wrong === 0 && race.got === race.should && money.right;
  const sagas = outcomes.flatMap((outcome) => outcome.sagas.map(({ state }) => state));
  const rows = [
    ['orders', ordersLine(outcomes)],
    ...(sagas.length === 0 ? [] : [['sagas', `${sagas.length}: ${tally(sagas)}`]]),
    ...(race.wanted === 0
      ? []
      : [['the last one', `${race.wanted} wanted it, ${race.got} got it${scarce === 0 ? ': none was left' : ''}`]]),
    ['money', money.text],
    ['time', timesOf(outcomes, tookMs)],
  ];
  const verdict = right
    ? styled('Every order came to what it should.', 'green')
    : styled(complaint(wrong, race, money.right), 'red');
  const lines = table(rows.map((row) => row.map((text, column) => ({ text, ...(column === 0 ? BOLD : {}) }))));
  return { text: `${lines}\n\n${verdict}`, right };
}

/** `40: 26 confirmed, 14 cancelled (8 OUT_OF_STOCK, 6 PAYMENT_DECLINED)` */
function ordersLine(outcomes: readonly Outcome[]): string {
  const codes = outcomes.flatMap(({ order }) => order.cancellation?.code ?? []);
  const reasons = codes.length === 0 ? '' : ` (${tally(codes)})`;
  const statuses = tally(outcomes.map(({ order }) => order.status));
  return `${outcomes.length}: ${statuses.replace(/cancelled$|cancelled(?=,)/, (word) => word + reasons)}`;
}

const BOLD = { style: 'bold' } as const;

function complaint(wrong: number, race: { should: number; got: number }, moneyIsRight: boolean): string {
  return [
    ...(wrong === 0 ? [] : [`${wrong} ${wrong === 1 ? 'order' : 'orders'} came to something else than expected.`]),
    ...(race.got === race.should ? [] : [`${race.should} should have got the last one, and ${race.got} did.`]),
    ...(moneyIsRight ? [] : ['The money kept is not what the paid orders come to.']),
  ].join(' ');
}

/** Captured less refunded has to be what the orders come to that were neither cancelled nor are pending. */
function moneyOf(outcomes: readonly Outcome[]): { text: string; right: boolean } {
  const currency = outcomes[0]?.order.total.currency ?? 'EUR';
  const sum = (amounts: readonly Money[]): Money => ({
    amount: amounts.reduce((total, { amount }) => total + amount, 0),
    currency,
  });
  const charged = outcomes.flatMap(({ payment }) =>
    payment?.status === 'captured' || payment?.status === 'refunded' ? [payment] : [],
  );
  const captured = sum(charged.map(({ amount }) => amount));
  const refunded = sum(charged.map((payment) => payment.refunded));
  const due = sum(
    outcomes.flatMap(({ order }) => (['confirmed', 'shipped'].includes(order.status) ? [order.total] : [])),
  );
  return {
    text: `${showMoney(captured)} captured, ${showMoney(refunded)} refunded; the paid orders come to ${showMoney(due)}`,
    right: captured.amount - refunded.amount === due.amount,
  };
}

function timesOf(outcomes: readonly Outcome[], tookMs: number): string {
  const times = outcomes.map((outcome) => outcome.tookMs).sort((a, b) => a - b);
  const half = times[Math.floor((times.length - 1) / 2)] ?? 0;
  return `${secondsOf(tookMs)}; half of the orders ended within ${secondsOf(half)}, the last after ${secondsOf(times.at(-1) ?? 0)}`;
}
