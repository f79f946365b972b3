import { Body, Controller, Get, HttpCode, Module, Param, Post } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { Answers, IdempotencyKey, Problems, RequestBody } from '@seam/host';
import { CodedError, derivedId, Id, newId } from '@seam/kernel';
import { Public } from '@seam/security';
import { Aggregates, Sagas, SeamModule } from '@seam/service';
import { postgres } from '@seam/service/postgres';
import { z } from 'zod';
import type { BookingService } from '../booking-service.js';
import { Nights } from '../nights.js';
import { RoomNumber } from '../rooms/rooms.contract.js';
import { bookRoom } from './book-room.saga.js';
import { Booking } from './booking.js';

const BookingBody = z.strictObject({ guest: z.string().min(1).max(100), room: RoomNumber, nights: Nights });
const EXAMPLE = { guest: 'Ada', room: '101', nights: { from: '2027-05-01', to: '2027-05-03' } };
const BookingAnswer = BookingBody.extend({
  id: Id,
  status: z.string(),
  deposit: z.int().optional(),
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
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @RequestBody(BookingBody, { 'Two nights': EXAMPLE })
  @Answers(202, z.object({ id: Id }))
  async book(
    @Body({ schema: BookingBody }) request: z.infer<typeof BookingBody>,
    @IdempotencyKey() key: string | undefined,
  ): Promise<{ id: string }> {
    const bookingId = key === undefined ? newId() : derivedId('booking', request.guest, key);
    const id = await this.sagas
      .of(bookRoom)
      .start({ bookingId, ...request }, (_, at) => [{ type: 'requested', at, data: { request } }]);
    return { id };
  }

  @Get(':id')
  @Public()
  @Answers(200, BookingAnswer)
  @Problems(404)
  async find(@Param('id', { schema: Id }) id: string): Promise<z.infer<typeof BookingAnswer>> {
    const { request, ...booking } = await this.aggregates.of(Booking, id).read();
    if (request === undefined) throw new CodedError('not-found', 'BOOKING.UNKNOWN', `There is no booking ${id}.`);
    return { id, ...request, ...booking };
  }
}

const service = 'bookings';

@Module({
  imports: [
    SeamModule.forService({
      service,
      engine: postgres(),
      sagas: { definitions: [bookRoom], correlation: 'bookingId' },
    }),
  ],
  controllers: [BookingsController],
})
class BookingsModule {}

export const bookings: BookingService = { name: service, module: BookingsModule, needs: ['rooms', 'deposits'] };
