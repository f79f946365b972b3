import { messageOf } from '@seam/messaging/contract';
import { defineSaga, send } from '@seam/saga';
import { ReturnDeposit, TakeDeposit } from '../deposits/deposits.contract.js';
import { numberOf } from '../nights.js';
import { HoldRoom, ReleaseRoom } from '../rooms/rooms.contract.js';
import { BookingAggregate, type Request } from './booking.js';
import { BookingConfirmed } from './bookings.contract.js';

/** A deposit for each night, in minor units. */
const DEPOSIT = 5_000;

export interface BookRoom extends Request {
  readonly bookingId: string;
}

/** Confirms a booking once its room is held and its deposit taken; after a refusal, what was done is compensated. */
export const bookRoomSaga = defineSaga<BookRoom>()({
  name: 'book-room',
  version: 1,
  aggregate: BookingAggregate,
  aggregateId: ({ bookingId }) => bookingId,
})
  .step('request', {
    do: { kind: 'started' },
    compensate: {
      kind: 'local',
      decide: (_booking, _data, { at, failure = { code: 'ABORTED', reason: 'an operator ended it' } }) => ({
        events: [{ type: 'cancelled', at, data: failure }],
        messages: [],
      }),
    },
  })
  .step('hold-room', {
    do: send(HoldRoom, ({ bookingId, room, nights }) => ({ bookingId, room, nights })),
    compensate: send(ReleaseRoom, ({ bookingId, room }) => ({ bookingId, room })),
  })
  .step('take-deposit', {
    do: send(TakeDeposit, ({ bookingId, guest, nights }) => ({
      bookingId,
      guest,
      amount: { amount: numberOf(nights) * DEPOSIT, currency: 'EUR' },
    })),
    compensate: send(ReturnDeposit, ({ bookingId, guest }) => ({ bookingId, guest })),
  })
  .step('confirm', {
    do: {
      kind: 'local',
      decide: (_booking, { bookingId, guest, room, nights }, { at }) => ({
        events: [{ type: 'confirmed', at, data: {} }],
        messages: [messageOf(BookingConfirmed, bookingId, { bookingId, guest, room, nights })],
      }),
    },
  })
  .build();
