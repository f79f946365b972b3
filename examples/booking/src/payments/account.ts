import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import type { DataOf } from '@seam/messaging/contract';
import { type Answer, refuse } from '@seam/service';
import type { ReturnDeposit, TakeDeposit } from './payments.contract.js';

type AccountEvent = DomainEvent<'deposit-taken' | 'deposit-returned', { bookingId: string; left: number }>;

/** The limit of a guest's deposits over all bookings, in cents. */
const LIMIT = 50_000;

/** What is left of a guest's deposit for each booking; 0 if it was returned. */
type Deposits = Readonly<Record<string, number>>;

export const Account: Aggregate<Deposits, AccountEvent> = {
  category: 'account',
  initial: {},
  evolve: (deposits, { data: { bookingId, left } }) => ({ ...deposits, [bookingId]: left }),
};

type Taken = Answer<AccountEvent, { taken: number }>;
export function take(deposits: Deposits, at: string, { bookingId, amount }: DataOf<typeof TakeDeposit>): Taken {
  const before = deposits[bookingId];
  if (before === 0) return refuse('RETURNED', 'the booking was cancelled');
  if (before !== undefined) return { events: [], reply: { taken: before } };
  const sum = Object.values(deposits).reduce((all, left) => all + left, amount);
  if (sum > LIMIT) return refuse('LIMIT_REACHED', 'the guest has too many deposits');
  return { events: [{ type: 'deposit-taken', at, data: { bookingId, left: amount } }], reply: { taken: amount } };
}

export function giveBack(deposits: Deposits, at: string, of: DataOf<typeof ReturnDeposit>): AccountEvent[] {
  const { bookingId, keep } = of;
  const left = Math.min(deposits[bookingId] ?? 0, keep);
  return deposits[bookingId] === left ? [] : [{ type: 'deposit-returned', at, data: { bookingId, left } }];
}
