import { showMoney } from '@seam/kernel';
import type { OrderResult } from './run-order.js';
import { differencesOf, checkRace } from './check-result.js';
import { type Cell, type Row, styled, table } from './table.js';
import type { Money, Saga, Step } from './api-types.js';
import { outcomeOf, secondsOf, tally } from './format.js';

const INDENT = ' '.repeat(7);

/** Every order in a row, its saga's steps in columns of their own. */
export function ordersTable(results: readonly OrderResult[]): string {
  const steps = results[0]?.sagas[0]?.steps.map(({ name }) => head(name)) ?? [];
  const heading = ['', '#', 'kind', 'order', 'became', 'payment', 'time', ...steps];
  return table([
    heading.map((text): Cell => ({ text, style: 'bold', ...(text === '#' || text === 'time' ? RIGHT : {}) })),
    ...results.flatMap(rowsOf),
  ]);
}

const RIGHT = { align: 'right' } as const;

/** `charge-payment` is shortened to its verb in a heading. */
const head = (name: string): string => name.split('-', 1)[0] ?? name;

function rowsOf(result: OrderResult): Row[] {
  const { planned, order, payment, tookMs, sagas } = result;
  const wrong = differencesOf(result);
  const [own, ...others] = sagas;
  return [
    [
      wrong.length === 0 ? { text: '✓', style: 'green' } : { text: '✗', style: 'red' },
      { text: String(planned.number), ...RIGHT },
      { text: planned.kind.name },
      { text: order.id.slice(0, 8), style: 'dim' },
      { text: outcomeOf(order), ...(order.status === 'cancelled' ? { style: 'yellow' as const } : {}) },
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

/** The totals of all orders, and whether they are as expected. */
export function totals(
  results: readonly OrderResult[],
  scarce: number | undefined,
  tookMs: number,
): { text: string; right: boolean } {
  const wrong = results.filter((result) => differencesOf(result).length > 0).length;
  const race = checkRace(results, scarce ?? 0);
  const money = moneyOf(results);
  const right = wrong === 0 && race.confirmed === race.expected && money.right;
  const sagas = results.flatMap((result) => result.sagas.map(({ state }) => state));
  const rows = [
    ['orders', ordersLine(results)],
    ...(sagas.length === 0 ? [] : [['sagas', `${sagas.length}: ${tally(sagas)}`]]),
    ...(race.wanted === 0
      ? []
      : [
          [
            'the last one',
            `${race.wanted} wanted it, ${race.confirmed} got it${scarce === 0 ? ': none was left' : ''}`,
          ],
        ]),
    ['money', money.text],
    ['time', timesOf(results, tookMs)],
  ];
  const verdict = right
    ? styled('Every order ended as expected.', 'green')
    : styled(failureText(wrong, race, money.right), 'red');
  const lines = table(rows.map((row) => row.map((text, column) => ({ text, ...(column === 0 ? BOLD : {}) }))));
  return { text: `${lines}\n\n${verdict}`, right };
}

/** `40: 26 confirmed, 14 cancelled (8 OUT_OF_STOCK, 6 PAYMENT_DECLINED)` */
function ordersLine(results: readonly OrderResult[]): string {
  const codes = results.flatMap(({ order }) => order.cancellation?.code ?? []);
  const reasons = codes.length === 0 ? '' : ` (${tally(codes)})`;
  const statuses = tally(results.map(({ order }) => order.status));
  return `${results.length}: ${statuses.replace(/cancelled$|cancelled(?=,)/, (word) => word + reasons)}`;
}

const BOLD = { style: 'bold' } as const;

function failureText(wrong: number, race: { expected: number; confirmed: number }, moneyIsRight: boolean): string {
  return [
    ...(wrong === 0 ? [] : [`${wrong} ${wrong === 1 ? 'order' : 'orders'} came to something else than expected.`]),
    ...(race.confirmed === race.expected
      ? []
      : [`${race.expected} should have got the last one, and ${race.confirmed} did.`]),
    ...(moneyIsRight ? [] : ['The money kept is not the total of the paid orders.']),
  ].join(' ');
}

/** Captured less refunded must be the total of the orders that are neither cancelled nor pending. */
function moneyOf(results: readonly OrderResult[]): { text: string; right: boolean } {
  const currency = results[0]?.order.total.currency ?? 'EUR';
  const sum = (amounts: readonly Money[]): Money => ({
    amount: amounts.reduce((total, { amount }) => total + amount, 0),
    currency,
  });
  const charged = results.flatMap(({ payment }) =>
    payment?.status === 'captured' || payment?.status === 'refunded' ? [payment] : [],
  );
  const captured = sum(charged.map(({ amount }) => amount));
  const refunded = sum(charged.map((payment) => payment.refunded));
  const due = sum(
    results.flatMap(({ order }) => (['confirmed', 'shipped'].includes(order.status) ? [order.total] : [])),
  );
  return {
    text: `${showMoney(captured)} captured, ${showMoney(refunded)} refunded; the paid orders amount to ${showMoney(due)}`,
    right: captured.amount - refunded.amount === due.amount,
  };
}

function timesOf(results: readonly OrderResult[], tookMs: number): string {
  const times = results.map((result) => result.tookMs).sort((a, b) => a - b);
  const half = times[Math.floor((times.length - 1) / 2)] ?? 0;
  return `${secondsOf(tookMs)}; half of the orders ended within ${secondsOf(half)}, the last after ${secondsOf(times.at(-1) ?? 0)}`;
}
