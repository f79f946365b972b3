import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { Answers, IdempotencyKey, Problems, RequestBody } from '@seam/host';
import { CodedError, derivedId, Id, newId } from '@seam/kernel';
import { Public } from '@seam/security';
import { Aggregates, defineService, Sagas } from '@seam/service';
import { postgres } from '@seam/service/postgres';
import { z } from 'zod';
import { Nights } from '../nights.js';
import { RoomNumber } from '../rooms/rooms.contract.js';
import { bookRoom } from './book-room.saga.js';
import { Booking } from './booking.js';

const BookingBody = z.strictObject({ guest: z.string().min(1).max(100), room: RoomNumber, nights: Nights });
const BookingAnswer = BookingBody.extend({
  id: Id,
  status: z.string(),
  paid: z.int().optional(),
  code: z.string().optional(),
  failure: z.object({ code: z.string(), reason: z.string() }).optional(),
});

@Controller('api/bookings')
class BookingsController {
  constructor(
    private readonly sagas: Sagas,
    private readonly aggregates: Aggregates,
  ) {}

  /** The same key of the same guest is the same booking. */
  @Post()
  @HttpCode(202)
  @Public()
  @RequestBody(BookingBody, {
    'Two nights': { guest: 'Ada', room: '101', nights: { from: '2027-05-01', to: '2027-05-03' } },
  })
  @Answers(202, z.object({ id: Id }))
  async book(
    @Body({ schema: BookingBody }) body: z.infer<typeof BookingBody>,
    @IdempotencyKey() key: string | undefined,
  ): Promise<{ id: string }> {
    const bookingId = key === undefined ? newId() : derivedId('booking', body.guest, key);
    const request = { bookingId, ...body };
    await this.sagas.of(bookRoom).start(request, (_, at) => [{ type: 'requested', at, data: { request } }]);
    return { id: bookingId };
  }

  @Get(':id')
  @Public()
  @Answers(200, BookingAnswer)
  @Problems(404)
  async find(@Param('id', { schema: Id }) id: string): Promise<z.infer<typeof BookingAnswer>> {
    const { request, ...booking } = await this.aggregates.of(Booking, id).read();
    if (request === undefined) throw new CodedError('not-found', 'BOOKING.UNKNOWN', `There is no booking ${id}.`);
    const { bookingId: _, ...requested } = request;
    return { id, ...requested, ...booking };
  }
}

export const bookings = defineService({
  name: 'bookings',
  needs: ['rooms', 'payments'],
  engine: postgres(),
  sagas: { definitions: [bookRoom], correlation: 'bookingId' },
  controllers: [BookingsController],
});
