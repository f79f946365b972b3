import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import type { Failure } from '@seam/saga';
import type { BookingRequest } from './bookings.contract.js';

type BookingEvent =
  | DomainEvent<'requested', { request: BookingRequest }>
  | DomainEvent<'confirmed', { paid: number; code?: string }>
  | DomainEvent<'cancelled', { failure: Failure }>;

/** `none` before it is requested. `code`: of the door. */
interface BookingState {
  readonly status: 'none' | BookingEvent['type'];
  readonly request?: BookingRequest;
  readonly paid?: number;
  readonly code?: string;
  readonly failure?: Failure;
}

export const Booking: Aggregate<BookingState, BookingEvent> = {
  category: 'booking',
  initial: { status: 'none' },
  evolve: (booking, { type, data }) => ({ ...booking, ...data, status: type }),
};
