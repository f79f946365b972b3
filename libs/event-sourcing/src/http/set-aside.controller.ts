import { Controller, Get, HttpCode, Inject, Param, Post, Query, type Type } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus, QueryBus } from '@seam/cqrs';
import { Answers, decodeCursor, type Page, pageOf, PageQuery, Problems, toPage } from '@seam/host';
import { text } from '@seam/kernel';
import { Staff } from '@seam/security';
import { z } from 'zod';
import type { SetAside } from '../set-asides.js';
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

const answerOf = (one: SetAside): SetAsideAnswer => ({ ...one, since: one.since.toISOString() });

const RetriedAnswer = z.object({
  tried: z.int(),
  left: z.int().describe('Number of entries'),
});
type RetriedAnswer = z.infer<typeof RetriedAnswer>;

export interface SetAsideRoutes {
  /** Without a slash at the beginning or end, such as `api/set-aside`. */
  readonly path: string;
  /** An example of an entry for the API's document: an event that a read model could not process. */
  readonly example: Pick<SetAsideAnswer, 'what' | 'stream' | 'reason'>;
}

/** The streams of a service that a read model or the saga timers could not process, and their retry. For the staff. */
export function setAsideController(service: string, { path, example }: SetAsideRoutes): Type {
  @ApiTags('operations')
  @Staff()
  @Controller(path)
  class SetAsideController {
    constructor(
      @Inject(CommandBus) private readonly commands: CommandBus,
      @Inject(QueryBus) private readonly queries: QueryBus,
    ) {}

    @Get()
    @ApiOperation({ summary: 'Streams that are set aside so that all others can be processed; oldest entry first' })
    @Answers(200, pageOf(SetAsideAnswer), { example: { items: [exampleOf(example)], nextCursor: null } })
    async list(
      @Query({ schema: ListQuery }) { limit, cursor, what }: z.infer<typeof ListQuery>,
    ): Promise<Page<SetAsideAnswer>> {
      const wanted = {
        ...(what === undefined ? {} : { what }),
        ...(cursor === undefined ? {} : { after: decodeCursor(cursor, Position) }),
        limit: limit + 1,
      };
      const found = await this.queries.execute(new ListSetAside(service, wanted));
      return toPage(found, limit, ({ since, id }) => ({ since, id }), answerOf);
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
      return this.commands.execute(new RetryAllSetAside(service));
    }

    @Post(':id/retry')
    @HttpCode(200)
    @ApiOperation({ summary: 'Retry one set-aside entry' })
    @Answers(200, RetriedAnswer, { example: { tried: 1, left: 0 } })
    @Problems(404, 409)
    async retry(@Param('id', { schema: z.string() }) id: string): Promise<RetriedAnswer> {
      return this.commands.execute(new RetrySetAside(service, id));
    }
  }
  return SetAsideController;
}

const exampleOf = ({ what, stream, reason }: SetAsideRoutes['example']): SetAsideAnswer => ({
  id: '9b2f7c11-0a3d-8e54-b6f8-1d2c3b4a5968',
  what,
  stream,
  position: '3',
  reason,
  since: '2026-11-22T09:30:00.000Z',
});
