import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@seam/cqrs';
import { AggregateReader } from '@seam/event-sourcing';
import { Answers } from '@seam/host';
import { Id } from '@seam/kernel';
import { Public } from '@seam/security';
import { z } from 'zod';
import { type Cleaning, CleaningAggregate } from './cleaning.js';

export class FindCleaning extends Query<Cleaning> {
  constructor(readonly bookingId: string) {
    super();
  }
}

@QueryHandler(FindCleaning)
export class FindCleaningHandler implements IQueryHandler<FindCleaning> {
  constructor(private readonly reader: AggregateReader) {}

  async execute({ bookingId }: FindCleaning): Promise<Cleaning> {
    return (await this.reader.read(CleaningAggregate, bookingId)).state;
  }
}

const CleaningAnswer = z.object({ status: z.enum(['none', 'planned', 'assigned', 'given-up']) });

@ApiTags('cleaning')
@Controller('api/cleanings')
export class CleaningController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':bookingId')
  @Public()
  @ApiOperation({ summary: 'Whether a cleaner will come after a booking' })
  @Answers(200, CleaningAnswer)
  async find(@Param('bookingId', { schema: Id }) bookingId: string): Promise<z.infer<typeof CleaningAnswer>> {
    return { status: await this.queries.execute(new FindCleaning(bookingId)) };
  }
}
