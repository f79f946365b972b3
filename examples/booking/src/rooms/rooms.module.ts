import { Body, Controller, Get, HttpCode, Module, Param, Put } from '@nestjs/common';
import { Answers, Problems, RequestBody } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { type AnswerTo, HandleCommand } from '@seam/messaging';
import type { MessageOf } from '@seam/messaging/contract';
import { Public } from '@seam/security';
import { Aggregates, SeamModule } from '@seam/service';
import { postgres } from '@seam/service/postgres';
import { z } from 'zod';
import type { BookingService } from '../booking-service.js';
import { Nights } from '../nights.js';
import { hold, open, release, Room } from './room.js';
import { HoldRoom, ReleaseRoom, RoomNumber } from './rooms.contract.js';

const RoomBody = z.strictObject({ beds: z.int().min(1).max(10), price: z.int().min(1) });
const RoomAnswer = z.object({ number: RoomNumber, beds: z.int(), price: z.int(), taken: z.array(Nights) });

@Controller('api/rooms')
class RoomsController {
  constructor(private readonly aggregates: Aggregates) {}

  @Put(':number')
  @HttpCode(204)
  @Public()
  @RequestBody(RoomBody, { 'A double room for 50 € a night': { beds: 2, price: 5_000 } })
  open(
    @Param('number', { schema: RoomNumber }) number: string,
    @Body({ schema: RoomBody }) { beds, price }: z.infer<typeof RoomBody>,
  ): Promise<void> {
    return this.aggregates.of(Room, number).change((room, at) => open(room, beds, price, at));
  }

  @Get(':number')
  @Public()
  @Answers(200, RoomAnswer)
  @Problems(404)
  async find(@Param('number', { schema: RoomNumber }) number: string): Promise<z.infer<typeof RoomAnswer>> {
    const { beds, price, holds } = await this.aggregates.of(Room, number).read();
    if (beds === 0) throw new CodedError('not-found', 'ROOM.UNKNOWN', `There is no room ${number}.`);
    return { number, beds, price, taken: Object.values(holds).filter((nights) => nights !== undefined) };
  }

  @HandleCommand(HoldRoom)
  hold(command: MessageOf<typeof HoldRoom>): AnswerTo<typeof HoldRoom> {
    const { bookingId, room: id, nights } = command.data;
    return this.aggregates.of(Room, id).answer(HoldRoom, command, (room, at) => hold(room, bookingId, nights, at));
  }

  @HandleCommand(ReleaseRoom)
  release(command: MessageOf<typeof ReleaseRoom>): AnswerTo<typeof ReleaseRoom> {
    const { bookingId, room: id } = command.data;
    return this.aggregates.of(Room, id).answer(ReleaseRoom, command, (room, at) => release(room, bookingId, at));
  }
}

@Module({
  imports: [SeamModule.forService({ service: 'rooms', engine: postgres() })],
  controllers: [RoomsController],
})
class RoomsModule {}

export const rooms: BookingService = { name: 'rooms', module: RoomsModule, needs: [] };
