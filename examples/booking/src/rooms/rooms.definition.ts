import { Body, Controller, Get, HttpCode, Param, Put } from '@nestjs/common';
import { Answers, Problems, RequestBody } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { Public } from '@seam/security';
import { Aggregates, decides, defineService } from '@seam/service';
import { postgres } from '@seam/service/postgres';
import { z } from 'zod';
import { Nights } from '../nights.js';
import { codeOf, hold, open, release, Room } from './room.js';
import { HoldRoom, MakeCode, ReleaseRoom, RoomNumber } from './rooms.contract.js';

const RoomBody = z.strictObject({ beds: z.int().min(1).max(10), price: z.int().min(1) });
const RoomAnswer = RoomBody.extend({ number: RoomNumber, taken: z.array(Nights) });
const NumberParam = (): ParameterDecorator => Param('number', { schema: RoomNumber });

@Controller('api/rooms')
class RoomsController {
  constructor(private readonly aggregates: Aggregates) {}

  @Put(':number')
  @HttpCode(204)
  @Public()
  @RequestBody(RoomBody, { 'A double room for 50 € a night': { beds: 2, price: 5_000 } })
  open(@NumberParam() number: string, @Body({ schema: RoomBody }) body: z.infer<typeof RoomBody>): Promise<void> {
    return this.aggregates.of(Room, number).change((room, at) => open(room, at, body));
  }

  @Get(':number')
  @Public()
  @Answers(200, RoomAnswer)
  @Problems(404)
  async find(@NumberParam() number: string): Promise<z.infer<typeof RoomAnswer>> {
    const { beds, price, holds } = await this.aggregates.of(Room, number).read();
    if (beds === 0) throw new CodedError('not-found', 'ROOM.UNKNOWN', `There is no room ${number}.`);
    return { number, beds, price, taken: Object.values(holds).filter((nights) => nights !== undefined) };
  }
}

export const rooms = defineService({
  name: 'rooms',
  engine: postgres(),
  controllers: [
    RoomsController,
    decides(HoldRoom, Room, ({ room }) => room, hold),
    decides(ReleaseRoom, Room, ({ room }) => room, release),
    decides(MakeCode, Room, ({ room }) => room, codeOf),
  ],
});
