import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { unreachable } from '@seam/kernel';
import type { Failure } from '@seam/saga';
import type { Nights } from '../nights.js';

export interface Request {
  readonly guest: string;
  readonly room: string;
  readonly nights: Nights;
}

export type BookingEvent =
  DomainEvent<'requested', Request> | DomainEvent<'confirmed', object> | DomainEvent<'cancelled', Failure>;

export interface Booking {
  /** `none` before it is requested. */
  readonly status: 'none' | 'requested' | 'confirmed' | 'cancelled';
  readonly request?: Request;
  /** Why it was cancelled. */
  readonly failure?: Failure;
}

export const BookingAggregate: Aggregate<Booking, BookingEvent> = {
  category: 'booking',
  initial: { status: 'none' },
  evolve: (booking, event) => {
    switch (event.type) {
      case 'requested':
        return { status: 'requested', request: event.data };
      case 'confirmed':
        return { ...booking, status: 'confirmed' };
      case 'cancelled':
        return { ...booking, status: 'cancelled', failure: event.data };
      default:
        return unreachable(event);
    }
  },
};
