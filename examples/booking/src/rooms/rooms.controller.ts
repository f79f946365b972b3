import { Body, Controller, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Command,
  CommandBus,
  CommandHandler,
  type IQueryHandler,
  type ICommandHandler,
  Query,
  QueryBus,
  QueryHandler,
} from '@seam/cqrs';
import { AggregateReader, eventWork } from '@seam/event-sourcing';
import { Answers, Problems, Takes } from '@seam/host';
import { Clock, CodedError } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { Public } from '@seam/security';
import { z } from 'zod';
import { Nights } from '../nights.js';
import { open, type Room, RoomAggregate } from './room.js';
import { RoomNumber } from './rooms.contract.js';

export class OpenRoom extends Command<void> {
  constructor(
    readonly number: string,
    readonly beds: number,
  ) {
    super();
  }
}

@CommandHandler(OpenRoom)
export class OpenRoomHandler implements ICommandHandler<OpenRoom> {
  constructor(
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {}

  async execute({ number, beds }: OpenRoom): Promise<void> {
    const at = this.clock.now().toISOString();
    await this.committer.commit(
      eventWork({ room: { aggregate: RoomAggregate, id: number } }, ({ room }) => ({
        value: undefined,
        events: { room: open(room, beds, at) },
      })),
    );
  }
}

export class FindRoom extends Query<Room> {
  constructor(readonly number: string) {
    super();
  }
}

@QueryHandler(FindRoom)
export class FindRoomHandler implements IQueryHandler<FindRoom> {
  constructor(private readonly reader: AggregateReader) {}

  async execute({ number }: FindRoom): Promise<Room> {
    const { state } = await this.reader.read(RoomAggregate, number);
    if (state.beds === 0) throw new CodedError('not-found', 'ROOM.UNKNOWN', `There is no room ${number}.`);
    return state;
  }
}

const RoomBody = z.strictObject({ beds: z.int().min(1).max(10) });
const RoomAnswer = z.object({ number: RoomNumber, beds: z.int(), taken: z.array(Nights) });

@ApiTags('rooms')
@Controller('api/rooms')
export class RoomsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put(':number')
  @HttpCode(204)
  @Public()
  @ApiOperation({ summary: 'Open a room, or change its beds' })
  @Takes(RoomBody, { 'A double room': { beds: 2 } })
  async open(
    @Param('number', { schema: RoomNumber }) number: string,
    @Body({ schema: RoomBody }) { beds }: z.infer<typeof RoomBody>,
  ): Promise<void> {
    await this.commands.execute(new OpenRoom(number, beds));
  }

  @Get(':number')
  @Public()
  @ApiOperation({ summary: 'A room, and the nights for which it is taken' })
  @Answers(200, RoomAnswer)
  @Problems(404)
  async find(@Param('number', { schema: RoomNumber }) number: string): Promise<z.infer<typeof RoomAnswer>> {
    const { beds, holds } = await this.queries.execute(new FindRoom(number));
    return { number, beds, taken: Object.values(holds).filter((nights) => nights !== undefined) };
  }
}
