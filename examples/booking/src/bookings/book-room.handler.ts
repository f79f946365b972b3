import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { eventWork } from '@seam/event-sourcing';
import { Clock, derivedId, newId } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { Saga, startSaga } from '@seam/saga';
import { bookRoomSaga } from './book-room.saga.js';
import { BookingAggregate, type BookingEvent, type Request } from './booking.js';

/** Resolves with the booking's id. The same key of the same guest is the same booking. */
export class BookRoom extends Command<string> {
  constructor(
    readonly request: Request,
    readonly idempotencyKey: string | undefined,
  ) {
    super();
  }
}

/** One commit: the booking, its saga, and the saga's first command. */
@CommandHandler(BookRoom)
export class BookRoomHandler implements ICommandHandler<BookRoom> {
  constructor(
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {}

  async execute({ request, idempotencyKey: key }: BookRoom): Promise<string> {
    const bookingId = key === undefined ? newId() : derivedId('booking', request.guest, key);
    const saga = { id: derivedId('book-room', bookingId), correlationId: bookingId, data: { bookingId, ...request } };
    const at = this.clock.now().toISOString();
    const streams = {
      booking: { aggregate: BookingAggregate, id: bookingId },
      saga: { aggregate: Saga, id: saga.id },
    };
    return this.committer.commit(
      eventWork(streams, ({ booking }) => {
        if (booking.status !== 'none') return { value: bookingId };
        const requested: BookingEvent = { type: 'requested', at, data: request };
        const state = BookingAggregate.evolve(booking, requested);
        const started = startSaga(bookRoomSaga, saga, state, at, 'bookings');
        return {
          value: bookingId,
          events: { booking: [requested, ...started.aggregate], saga: started.saga },
          messages: started.messages,
        };
      }),
    );
  }
}
