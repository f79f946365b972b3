import { Controller, Get, HttpCode, Inject, Post, type Type } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus, QueryBus } from '@seam/cqrs';
import { Answers, Problems } from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { GetRebuild, RebuildReadModels } from './rebuild-read-models.handler.js';

const RebuiltAnswer = z.object({ events: z.int().describe('Number of events read, over all read models') });

const ProgressAnswer = z.object({
  running: z.boolean(),
  since: z.iso.datetime().optional(),
  readModel: z.string().optional().describe('The read model that is being rebuilt now'),
  events: z.int().optional().describe('Number of events read so far, over all read models'),
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
        'Readers see the old lists until the new ones are complete. One rebuild runs at a time: a second request is ' +
        'refused with 409 and the progress of the first.',
    })
    @Answers(200, RebuiltAnswer, { example: { events: 2048 } })
    @Problems(409)
    async rebuild(): Promise<z.infer<typeof RebuiltAnswer>> {
      return { events: await this.commands.execute(new RebuildReadModels(service)) };
    }

    @Get('rebuild')
    @ApiOperation({ summary: 'Whether a rebuild of the lists is running, and its progress' })
    @Answers(200, ProgressAnswer, {
      example: { running: true, since: '2026-11-22T09:30:00.000Z', readModel: example, events: 1024 },
    })
    async progress(): Promise<z.infer<typeof ProgressAnswer>> {
      const progress = await this.queries.execute(new GetRebuild(service));
      if (progress === undefined) return { running: false };
      return { running: true, ...progress, since: progress.since.toISOString() };
    }
  }
  return RebuildReadModelsController;
}
