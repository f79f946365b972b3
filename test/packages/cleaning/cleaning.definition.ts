import { Controller, Get, Param } from '@nestjs/common';
import { Id } from '@seam/kernel';
import { HandleEvent, type Work } from '@seam/messaging';
import type { MessageOf } from '@seam/messaging/contract';
import { Public } from '@seam/security';
import { Aggregates, decides, defineService, Sagas } from '@seam/service';
import { postgres } from '@seam/service/postgres';
import { BookingConfirmed } from '../bookings/bookings.contract.js';
import { AssignCleaner, cleanRoom } from './clean-room.saga.js';
import { assign, Cleaning, Day } from './cleaning.js';

@Controller('api/cleanings')
class CleaningController {
  constructor(
    private readonly sagas: Sagas,
    private readonly aggregates: Aggregates,
  ) {}

  @HandleEvent('cleaning', BookingConfirmed)
  plan({ data: { bookingId, room, nights } }: MessageOf<typeof BookingConfirmed>): Work {
    const input = { bookingId, room, day: nights.to };
    return this.sagas.of(cleanRoom).starting(input, (_, at) => [{ type: 'planned', at, data: {} }]);
  }

  @Get(':bookingId')
  @Public()
  async find(@Param('bookingId', { schema: Id }) bookingId: string): Promise<{ status: string }> {
    return { status: await this.aggregates.of(Cleaning, bookingId).read() };
  }
}

export const cleaning = defineService({
  name: 'cleaning',
  needs: ['bookings'],
  subscribes: [BookingConfirmed],
  engine: postgres(),
  sagas: { definitions: [cleanRoom], correlation: 'bookingId' },
  controllers: [CleaningController, decides(AssignCleaner, Day, ({ day }) => day.replaceAll('-', ''), assign)],
});
