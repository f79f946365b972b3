import { Controller, Get, Module, Param } from '@nestjs/common';
import { Id } from '@seam/kernel';
import { type AnswerTo, HandleCommand, HandleEvent, type Work } from '@seam/messaging';
import type { MessageOf } from '@seam/messaging/contract';
import { Public } from '@seam/security';
import { Aggregates, Sagas, SeamModule } from '@seam/service';
import { postgres } from '@seam/service/postgres';
import type { BookingService } from '../booking-service.js';
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

  @HandleCommand(AssignCleaner)
  assign(command: MessageOf<typeof AssignCleaner>): AnswerTo<typeof AssignCleaner> {
    const { room, day } = command.data;
    const of = this.aggregates.of(Day, day.replaceAll('-', ''));
    return of.answer(AssignCleaner, command, (rooms, at) => assign(rooms, room, at));
  }

  @Get(':bookingId')
  @Public()
  async find(@Param('bookingId', { schema: Id }) bookingId: string): Promise<{ status: string }> {
    return { status: await this.aggregates.of(Cleaning, bookingId).read() };
  }
}

@Module({
  imports: [
    SeamModule.forService({
      service: 'cleaning',
      engine: postgres(),
      sagas: { definitions: [cleanRoom], correlation: 'bookingId' },
    }),
  ],
  controllers: [CleaningController],
})
class CleaningModule {}

export const cleaning: BookingService = {
  name: 'cleaning',
  module: CleaningModule,
  needs: ['bookings'],
  takes: [BookingConfirmed],
};
