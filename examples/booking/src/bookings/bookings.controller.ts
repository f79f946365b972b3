import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus, QueryBus } from '@seam/cqrs';
import { Answers, IdempotencyKey, Problems, Takes } from '@seam/host';
import { Id } from '@seam/kernel';
import { Public } from '@seam/security';
import { z } from 'zod';
import { Nights } from '../nights.js';
import { RoomNumber } from '../rooms/rooms.contract.js';
import { BookRoom } from './book-room.handler.js';
import { type BookingView, FindBooking } from './find-booking.handler.js';

const BookingBody = z.strictObject({ guest: z.string().min(1).max(100), room: RoomNumber, nights: Nights });

const BookingAnswer = z.object({
  id: Id,
  status: z.enum(['requested', 'confirmed', 'cancelled']),
  guest: z.string(),
  room: RoomNumber,
  nights: Nights,
  failure: z.object({ code: z.string(), reason: z.string() }).optional(),
});

@ApiTags('bookings')
@Controller('api/bookings')
export class BookingsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @HttpCode(202)
  @Public()
  @ApiOperation({ summary: 'Book a room' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, example: 'summer-holiday' })
  @Takes(BookingBody, {
    'Two nights': { guest: 'Ada', room: '101', nights: { from: '2027-05-01', to: '2027-05-03' } },
  })
  @Answers(202, z.object({ id: Id }))
  async book(
    @Body({ schema: BookingBody }) body: z.infer<typeof BookingBody>,
    @IdempotencyKey() key: string | undefined,
  ): Promise<{ id: string }> {
    return { id: await this.commands.execute(new BookRoom(body, key)) };
  }

  @Get(':id')
  @Public()
  @ApiOperation({ summary: 'A booking, and whether it is confirmed' })
  @Answers(200, BookingAnswer)
  @Problems(404)
  find(@Param('id', { schema: Id }) id: string): Promise<BookingView> {
    return this.queries.execute(new FindBooking(id));
  }
}
