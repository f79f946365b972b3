import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { AggregateReader } from '@seam/event-sourcing';
import { CodedError } from '@seam/kernel';
import { type Booking, BookingAggregate, type Request } from './booking.js';

export interface BookingView extends Pick<Booking, 'status' | 'failure'>, Request {
  readonly id: string;
}

/** Fails with `BOOKING.UNKNOWN`. */
export class FindBooking extends Query<BookingView> {
  constructor(readonly id: string) {
    super();
  }
}

@QueryHandler(FindBooking)
export class FindBookingHandler implements IQueryHandler<FindBooking> {
  constructor(private readonly reader: AggregateReader) {}

  async execute({ id }: FindBooking): Promise<BookingView> {
    const { request, ...state } = (await this.reader.read(BookingAggregate, id)).state;
    if (request === undefined) throw new CodedError('not-found', 'BOOKING.UNKNOWN', `There is no booking ${id}.`);
    return { id, ...request, ...state };
  }
}
