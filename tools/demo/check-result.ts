import type { OrderResult } from './run-order.js';
import { type Expected, lastOne, tooLate } from './order-kinds.js';

/** The differences between an order and what was expected of it; empty if there are none. */
export function differencesOf({ planned: { kind }, order, payment, sagas, differences }: OrderResult): string[] {
  const expected = kind === lastOne && order.status === 'cancelled' ? tooLate : kind.expected;
  return [...differences, ...compare(expected, order.status, order.cancellation?.code, payment?.status, sagas)];
}

function compare(
  expected: Expected,
  status: string,
  code: string | undefined,
  payment: string | undefined,
  sagas: OrderResult['sagas'],
): string[] {
  const wrong: string[] = [];
  if (status !== expected.status) wrong.push(`it should be ${expected.status}`);
  else if (code !== expected.code) wrong.push(`it should be cancelled for ${expected.code ?? 'no reason'}`);
  if (!expected.payment.includes(payment ?? 'none'))
    wrong.push(`its payment should be ${expected.payment.join(' or ')}, and is ${payment ?? 'none'}`);
  const [own, ...others] = sagas;
  if (own !== undefined && own.state !== expected.saga)
    wrong.push(`its saga should be ${expected.saga}, and is ${own.state}`);
  for (const { definition, state } of others)
    if (state !== 'completed') wrong.push(`its saga ${definition} should be completed, and is ${state}`);
  return wrong;
}

/** How many of the orders for the scarce piece should be confirmed, and how many are. */
export function checkRace(
  results: readonly OrderResult[],
  pieces: number,
): { wanted: number; expected: number; confirmed: number } {
  const competitors = results.filter(({ planned }) => planned.kind === lastOne);
  const confirmed = competitors.filter(({ order }) => order.status === 'confirmed').length;
  return { wanted: competitors.length, expected: Math.min(pieces, competitors.length), confirmed };
}
