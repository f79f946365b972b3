import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers } from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { ReadModels } from '../../read-models.js';

const RebuiltAnswer = z.object({ events: z.int().describe('How many were read, over all read models') });

@ApiTags('orders')
@Staff()
@Controller('api/orders/read-models')
export class RebuildReadModelsController {
  constructor(private readonly models: ReadModels) {}

  @Post('rebuild')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Make the lists of orders and sagas anew from their events',
    description: 'Readers see the old lists until the new ones are complete.',
  })
  @Answers(200, RebuiltAnswer, { example: { events: 2048 } })
  async rebuild(): Promise<z.infer<typeof RebuiltAnswer>> {
    return { events: await this.models.rebuild() };
  }
}
