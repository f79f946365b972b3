import { messageOf } from '@seam/messaging/contract';
import { saga, send } from '@seam/saga';
import { numberOf } from '../nights.js';
import { PaymentReceived, ReturnDeposit, TakeDeposit } from '../payments/payments.contract.js';
import { HoldRoom, MakeCode, ReleaseRoom } from '../rooms/rooms.contract.js';
import { Booking } from './booking.js';
import { BookingConfirmed, BookingRequest } from './bookings.contract.js';

const MINUTE = 60_000;
const EXPIRED = { code: 'EXPIRED', reason: 'it was not paid in time' };
const ABORTED = { code: 'ABORTED', reason: 'an operator ended it' };

/** Holds a room, takes half of its price as a deposit, and confirms the booking once the rest is paid. */
export const bookRoom = saga('book-room', {
  version: 1,
  input: BookingRequest,
  aggregate: Booking,
  aggregateId: ({ bookingId }) => bookingId,
  deadline: { withinMs: 15 * MINUTE, failure: EXPIRED },
})
  .started('request', { compensate: ({ at, failure = ABORTED }) => [{ type: 'cancelled', at, data: { failure } }] })
  .call(
    'hold',
    send(HoldRoom, ({ input }) => input),
    { compensate: send(ReleaseRoom, ({ input }) => input) },
  )
  .parallel((together) =>
    together
      .call(
        'deposit',
        send(TakeDeposit, ({ input, results: { hold } }) => {
          return { ...input, amount: Math.ceil((numberOf(input.nights) * hold.price) / 2) };
        }),
        {
          attemptTimeoutMs: 30_000,
          // After an expired booking, a tenth of the deposit is kept.
          compensate: send(ReturnDeposit, ({ input, failure, result: { taken } = { taken: 0 } }) => {
            return { ...input, keep: failure?.code === EXPIRED.code ? Math.floor(taken / 10) : 0 };
          }),
        },
      )
      .call(
        'code',
        send(MakeCode, ({ input }) => input),
        { optional: true },
      ),
  )
  .waitFor('rest', PaymentReceived, {
    key: ({ bookingId }) => bookingId,
    equals: ({ input }) => input.bookingId,
    withinMs: 15 * MINUTE,
    orElse: EXPIRED,
  })
  .decide('confirm', ({ input, results: { hold, deposit, code, rest }, at }) => {
    const paid = deposit.taken + rest.amount;
    if (paid < numberOf(input.nights) * hold.price)
      return { refused: { code: 'UNDERPAID', reason: 'it is too little' } };
    const messages = [messageOf(BookingConfirmed, input.bookingId, input)];
    return { events: [{ type: 'confirmed', at, data: { paid, ...code } }], messages };
  });
