import { messageOf } from '@seam/messaging/contract';
import { saga, send } from '@seam/saga';
import { z } from 'zod';
import { ReturnDeposit, TakeDeposit } from '../deposits/deposits.contract.js';
import { Nights, numberOf } from '../nights.js';
import { HoldRoom, ReleaseRoom } from '../rooms/rooms.contract.js';
import { Booking } from './booking.js';
import { BookingConfirmed } from './bookings.contract.js';

const ABORTED = { code: 'ABORTED', reason: 'an operator ended it' };

/**
 * Confirms a booking once its room is held and its deposit taken; after a refusal, the completed steps are compensated.
 */
export const bookRoom = saga('book-room', {
  version: 1,
  input: z.object({ bookingId: z.string(), guest: z.string(), room: z.string(), nights: Nights }),
  aggregate: Booking,
  aggregateId: ({ bookingId }) => bookingId,
})
  .started('request', { compensate: ({ at, failure = ABORTED }) => [{ type: 'cancelled', at, data: { failure } }] })
  .call(
    'hold-room',
    send(HoldRoom, ({ input: { bookingId, room, nights } }) => ({ bookingId, room, nights })),
    { compensate: send(ReleaseRoom, ({ input: { bookingId, room } }) => ({ bookingId, room })) },
  )
  .call(
    'take-deposit',
    send(TakeDeposit, ({ input: { bookingId, guest, nights }, results }) => ({
      bookingId,
      guest,
      amount: numberOf(nights) * results['hold-room'].price,
    })),
    { compensate: send(ReturnDeposit, ({ input: { bookingId, guest } }) => ({ bookingId, guest })) },
  )
  .decide('confirm', ({ input: { bookingId, guest, room, nights }, results, at }) => ({
    events: [{ type: 'confirmed', at, data: { deposit: results['take-deposit'].taken } }],
    messages: [messageOf(BookingConfirmed, bookingId, { bookingId, guest, room, nights })],
  }));
