import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus, QueryBus } from '@seam/cqrs';
import type { SetAside } from '@seam/event-sourcing';
import { Answers, decodeCursor, type Page, pageOf, PageQuery, Problems, toPage } from '@seam/host';
import { text } from '@seam/kernel';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { ListSetAside } from './list-set-aside.handler.js';
import { RetryAllSetAside, RetrySetAside } from './retry-set-aside.handler.js';

const ListQuery = PageQuery.extend({
  what: text({ max: 100 }).optional().describe('Only entries of this one: the name of a read model, or saga-timers'),
});
const Position = z.object({ since: z.coerce.date(), id: z.uuid().lowercase() });

const SetAsideAnswer = z.object({
  id: z.uuid(),
  what: z.string().describe('What could not process the stream: the name of a read model, or saga-timers'),
  stream: z.string(),
  position: z
    .string()
    .describe('Where it stopped: the version of the event in its stream, or the deadline of the saga'),
  reason: z.string(),
  since: z.iso.datetime(),
});
type SetAsideAnswer = z.infer<typeof SetAsideAnswer>;

const RetriedAnswer = z.object({
  tried: z.int(),
  left: z.int().describe('Number of entries'),
});
type RetriedAnswer = z.infer<typeof RetriedAnswer>;

const example: SetAsideAnswer = {
  id: '9b2f7c11-0a3d-8e54-b6f8-1d2c3b4a5968',
  what: 'order-list',
  stream: 'order-3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d',
  position: '3',
  reason: 'event 3 (order-gift-wrapped): unexpected case',
  since: '2026-11-22T09:30:00.000Z',
};

/** The orders and sagas that a read model or the time limits could not go on with, for the staff, and the way back. */
@ApiTags('operations')
@Staff()
@Controller('api/set-aside')
export class SetAsideController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Streams that are set aside so that all others can be processed; oldest entry first' })
  @Answers(200, pageOf(SetAsideAnswer), { example: { items: [example], nextCursor: null } })
  async list(
    @Query({ schema: ListQuery }) { limit, cursor, what }: z.infer<typeof ListQuery>,
  ): Promise<Page<SetAsideAnswer>> {
    const wanted = {
      ...(what === undefined ? {} : { what }),
      ...(cursor === undefined ? {} : { after: decodeCursor(cursor, Position) }),
      limit: limit + 1,
    };
    const found = await this.queries.execute(new ListSetAside(wanted));
    const answer = (one: SetAside): SetAsideAnswer => ({ ...one, since: one.since.toISOString() });
    return toPage(found, limit, ({ since, id }) => ({ since, id }), answer);
  }

  @Post('retry')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Retry everything that is set aside',
    description:
      'Read models are retried at once, timeouts of sagas within moments. What fails again is set aside again.',
  })
  @Answers(200, RetriedAnswer, { example: { tried: 12, left: 0 } })
  @Problems(409)
  async retryAll(): Promise<RetriedAnswer> {
    return this.commands.execute(new RetryAllSetAside());
  }

  @Post(':id/retry')
  @HttpCode(200)
  @ApiOperation({ summary: 'Retry one set-aside entry' })
  @Answers(200, RetriedAnswer, { example: { tried: 1, left: 0 } })
  @Problems(404, 409)
  async retry(@Param('id', { schema: z.string() }) id: string): Promise<RetriedAnswer> {
    return this.commands.execute(new RetrySetAside(id));
  }
}
