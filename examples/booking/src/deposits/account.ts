import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { type Money, unreachable } from '@seam/kernel';

export type AccountEvent =
  DomainEvent<'taken', { bookingId: string; amount: Money }> | DomainEvent<'returned', { bookingId: string }>;

/** A guest's deposits by booking, in minor units; 0 where the deposit was given back. */
export interface Account {
  readonly deposits: Readonly<Record<string, number>>;
}

/** What a guest may leave with us, over all bookings, in minor units. */
const LIMIT = 100_000;

export const AccountAggregate: Aggregate<Account, AccountEvent> = {
  category: 'account',
  initial: { deposits: {} },
  evolve: ({ deposits }, { type, data }) => {
    switch (type) {
      case 'taken':
        return { deposits: { ...deposits, [data.bookingId]: data.amount.amount } };
      case 'returned':
        return { deposits: { ...deposits, [data.bookingId]: 0 } };
      default:
        return unreachable(type);
    }
  },
};

export type Taken =
  { readonly events: readonly AccountEvent[] } | { readonly refused: string; readonly reason: string };

export function take({ deposits }: Account, bookingId: string, amount: Money, at: string): Taken {
  const before = deposits[bookingId];
  if (before === 0) return { refused: 'RETURNED', reason: 'the deposit was given back' };
  if (before !== undefined) return { events: [] };
  const sum = Object.values(deposits).reduce((one, other) => one + other, amount.amount);
  if (sum > LIMIT) return { refused: 'LIMIT_REACHED', reason: 'the guest has left too many deposits' };
  return { events: [{ type: 'taken', at, data: { bookingId, amount } }] };
}

export const giveBack = ({ deposits }: Account, bookingId: string, at: string): AccountEvent[] =>
  deposits[bookingId] === 0 ? [] : [{ type: 'returned', at, data: { bookingId } }];
