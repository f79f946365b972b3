import { Controller, Delete, Get, HttpCode, Inject, Post, type Type } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus, QueryBus } from '@seam/cqrs';
import { Answers, Problems } from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { CancelRebuild, GetRebuild, RebuildReadModels } from './rebuild-read-models.handler.js';

const RebuiltAnswer = z.object({ events: z.int().describe('Number of events read, over all read models') });

const CancelledAnswer = z.object({ cancelled: z.boolean().describe('False if no rebuild was running') });

const ProgressAnswer = z.object({
  running: z.boolean(),
  since: z.iso.datetime().optional(),
  readModel: z.string().optional().describe('The read model that is being rebuilt now'),
  events: z.int().optional().describe('Number of events read so far, over all read models'),
  total: z.int().optional().describe('Number of events to read, counted when the rebuild began'),
  remainingSeconds: z.int().optional().describe('How long the rest takes at the speed so far'),
});

export interface ReadModelRoutes {
  /** Without a slash at the beginning or end, such as `api/read-models`; `rebuild` is below it. */
  readonly path: string;
  /** The tag that groups them in the API's document. */
  readonly tag: string;
  /** The items of the read models, in the plural, such as `bookings and sagas`. */
  readonly lists: string;
  /** The name of one of the read models, for the API's document. */
  readonly example: string;
}

/** Rebuilds all read models of a service, for the staff. */
export function rebuildReadModelsController(service: string, { path, tag, lists, example }: ReadModelRoutes): Type {
  @ApiTags(tag)
  @Staff()
  @Controller(path)
  class RebuildReadModelsController {
    constructor(
      @Inject(CommandBus) private readonly commands: CommandBus,
      @Inject(QueryBus) private readonly queries: QueryBus,
    ) {}

    @Post('rebuild')
    @HttpCode(200)
    @ApiOperation({
      summary: `Rebuild the lists of ${lists} from their events`,
      description:
        'The new lists are built beside the old ones, which are read and kept up to date until the new ones replace ' +
        'them. One rebuild runs at a time: a second request is refused with 409 and the progress of the first. If the ' +
        'process stops or dies, the rebuild is continued within seconds by another one, or after the restart.',
    })
    @Answers(200, RebuiltAnswer, { example: { events: 2048 } })
    @Problems(409, 503)
    async rebuild(): Promise<z.infer<typeof RebuiltAnswer>> {
      return { events: await this.commands.execute(new RebuildReadModels(service)) };
    }

    @Delete('rebuild')
    @HttpCode(200)
    @ApiOperation({
      summary: 'Cancel the rebuild of the lists',
      description: 'Also one that another process runs, or that was interrupted. The old lists stay as they are.',
    })
    @Answers(200, CancelledAnswer, { example: { cancelled: true } })
    async cancel(): Promise<z.infer<typeof CancelledAnswer>> {
      return { cancelled: await this.commands.execute(new CancelRebuild(service)) };
    }

    @Get('rebuild')
    @ApiOperation({ summary: 'Whether a rebuild of the lists is running, and its progress' })
    @Answers(200, ProgressAnswer, {
      example: {
        running: true,
        since: '2026-11-22T09:30:00.000Z',
        readModel: example,
        events: 1024,
        total: 4096,
        remainingSeconds: 3,
      },
    })
    async progress(): Promise<z.infer<typeof ProgressAnswer>> {
      const progress = await this.queries.execute(new GetRebuild(service));
      if (progress === undefined) return { running: false };
      return { running: true, ...progress, since: progress.since.toISOString() };
    }
  }
  return RebuildReadModelsController;
}
