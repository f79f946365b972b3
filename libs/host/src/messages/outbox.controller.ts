import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import { Staff } from '@seam/security';
import { Answers } from '../docs/answer.decorator.js';
import { ListOutboxes } from './list-outboxes.handler.js';
import { OutboxesAnswer, outboxesExample, OutboxQuery } from './outbox.dto.js';

/** The messages that the services of this process have to send, for staff. */
@ApiTags('operations')
@Staff()
@Controller('api/messages/outbox')
export class OutboxController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'What waits to be sent: how many messages, the oldest, attempts, and why they failed' })
  @Answers(200, OutboxesAnswer, { example: outboxesExample })
  list(@Query({ schema: OutboxQuery }) { service }: OutboxQuery): Promise<OutboxesAnswer> {
    return this.queries.execute(new ListOutboxes(service));
  }
}
