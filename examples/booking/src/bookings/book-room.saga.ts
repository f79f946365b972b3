import { messageOf } from '@seam/messaging/contract';
import { saga, send } from '@seam/saga';
import { z } from 'zod';
import { ReturnDeposit, TakeDeposit } from '../deposits/deposits.contract.js';
import { Nights, numberOf } from '../nights.js';
import { HoldRoom, ReleaseRoom } from '../rooms/rooms.contract.js';
import { BookingAggregate } from './booking.js';
import { BookingConfirmed } from './bookings.contract.js';

/** A deposit for each night, in minor units. */
const DEPOSIT = 5_000;

const ABORTED = { code: 'ABORTED', reason: 'an operator ended it' };

/** Confirms a booking once its room is held and its deposit taken; after a refusal, what was done is compensated. */
export const bookRoomSaga = saga('book-room', {
  version: 1,
  input: z.object({ bookingId: z.string(), guest: z.string(), room: z.string(), nights: Nights }),
  aggregate: BookingAggregate,
  aggregateId: ({ bookingId }) => bookingId,
})
  .started('request', { compensate: ({ at, failure = ABORTED }) => [{ type: 'cancelled', at, data: failure }] })
  .call(
    'hold-room',
    send(HoldRoom, ({ input: { bookingId, room, nights } }) => ({ bookingId, room, nights })),
    { compensate: send(ReleaseRoom, ({ input: { bookingId, room } }) => ({ bookingId, room })) },
  )
  .call(
    'take-deposit',
    send(TakeDeposit, ({ input: { bookingId, guest, nights } }) => ({
      bookingId,
      guest,
      amount: { amount: numberOf(nights) * DEPOSIT, currency: 'EUR' },
    })),
    { compensate: send(ReturnDeposit, ({ input: { bookingId, guest } }) => ({ bookingId, guest })) },
  )
  .decide('confirm', ({ input: { bookingId, guest, room, nights }, at }) => ({
    events: [{ type: 'confirmed', at, data: {} }],
    messages: [messageOf(BookingConfirmed, bookingId, { bookingId, guest, room, nights })],
  }));
