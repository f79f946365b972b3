import { Controller, Get, Headers, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, type OutboxesAnswer, OutboxQuery } from '@seam/host';
import { Staff } from '@seam/security';
import { Targets } from '../../upstream/targets.js';
import { askServices, bodiesOf, servicesOf } from '../ask-services.js';
import { AllOutboxesAnswer, allOutboxesExample } from './outbox.dto.js';

/** The messages that all services have to send. */
@ApiTags('operations')
@Staff()
@Controller('api/messages/outbox')
export class AllOutboxesController {
  constructor(private readonly targets: Targets) {}

  @Get()
  @ApiOperation({
    summary: 'What waits to be sent: how many messages, the oldest, attempts, and why they failed',
    description: 'Attempts and reasons are those of one process of each service.',
  })
  @Answers(200, AllOutboxesAnswer, { example: allOutboxesExample })
  async list(
    @Query({ schema: OutboxQuery }) { service }: OutboxQuery,
    @Headers('authorization') authorization: string,
  ): Promise<AllOutboxesAnswer> {
    const collected = await askServices(this.targets, servicesOf(service), authorization, (name) => ({
      path: `/api/messages/outbox?service=${name}`,
    }));
    const items = bodiesOf<OutboxesAnswer>(collected).flatMap(({ transport, items: own }) =>
      own.map((item) => ({ ...item, transport })),
    );
    return { items, unavailable: collected.unavailable };
  }
}
