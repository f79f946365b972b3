import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { type Answer, refuse } from '@seam/service';

type AccountEvent = DomainEvent<'taken' | 'returned', { bookingId: string; amount: number }>;

/** The limit of a guest's deposits over all bookings, in cents. */
const LIMIT = 100_000;

/** The rest of a guest's deposit for each booking, and whether it was returned. */
type Deposits = Readonly<Record<string, { readonly left: number; readonly returned: boolean }>>;

export const Account: Aggregate<Deposits, AccountEvent> = {
  category: 'account',
  initial: {},
  evolve: (deposits, { type, data: { bookingId, amount } }) => ({
    ...deposits,
    [bookingId]:
      type === 'taken'
        ? { left: amount, returned: false }
        : { left: (deposits[bookingId]?.left ?? 0) - amount, returned: true },
  }),
};

export function take(
  deposits: Deposits,
  bookingId: string,
  amount: number,
  at: string,
): Answer<AccountEvent, { taken: number }> {
  const before = deposits[bookingId];
  if (before?.returned === true) return refuse('RETURNED', 'the booking was cancelled');
  if (before !== undefined) return { events: [], reply: { taken: before.left } };
  const sum = Object.values(deposits).reduce((all, { left }) => all + left, amount);
  if (sum > LIMIT) return refuse('LIMIT_REACHED', 'the guest has too many deposits');
  return { events: [{ type: 'taken', at, data: { bookingId, amount } }], reply: { taken: amount } };
}

/** Returns all of it if no amount is given, and never more than was taken. */
export function giveBack(
  deposits: Deposits,
  bookingId: string,
  amount: number | undefined,
  at: string,
): AccountEvent[] {
  const { left, returned } = deposits[bookingId] ?? { left: 0, returned: false };
  if (returned) return [];
  return [{ type: 'returned', at, data: { bookingId, amount: Math.min(amount ?? left, left) } }];
}
