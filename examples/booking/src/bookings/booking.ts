import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import type { Failure } from '@seam/saga';
import type { Nights } from '../nights.js';

export interface Request {
  readonly guest: string;
  readonly room: string;
  readonly nights: Nights;
}

type BookingEvent =
  | DomainEvent<'requested', { request: Request }>
  | DomainEvent<'confirmed', { deposit: number }>
  | DomainEvent<'cancelled', { failure: Failure }>;

interface BookingState {
  /** `none` before it is requested. */
  readonly status: 'none' | BookingEvent['type'];
  readonly request?: Request;
  readonly deposit?: number;
  /** The reason of a cancellation. */
  readonly failure?: Failure;
}

export const Booking: Aggregate<BookingState, BookingEvent> = {
  category: 'booking',
  initial: { status: 'none' },
  evolve: (booking, { type, data }) => ({ ...booking, ...data, status: type }),
};
