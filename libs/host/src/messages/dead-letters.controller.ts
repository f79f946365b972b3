import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus, QueryBus } from '@seam/cqrs';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { Answers, Problems } from '../docs/answer.decorator.js';
import { decodeCursor, type Page, pageOf, toPage } from '../http/pagination.js';
import {
  DeadLetterAnswer,
  DeadLetterDetailsAnswer,
  deadLetterDetailsExample,
  deadLetterExample,
  DeadLetterGroupQuery,
  DeadLetterGroupsAnswer,
  deadLetterGroupsExample,
  DeadLetterPosition,
  DeadLetterQuery,
  filterOf,
  RedriveAnswer,
} from './dead-letter.dto.js';
import { GetDeadLetter } from './get-dead-letter.handler.js';
import { GroupDeadLetters } from './group-dead-letters.handler.js';
import { ListDeadLetters } from './list-dead-letters.handler.js';
import { RedriveDeadLetter } from './redrive-dead-letter.handler.js';

const MessageId = z.string().toLowerCase();

/** The dead letters of the services of this process, for staff, and their redrive. */
@ApiTags('operations')
@Staff()
@Controller('api/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly queries: QueryBus,
    private readonly commands: CommandBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Dead letters: messages that the services could not handle; newest first' })
  @Answers(200, pageOf(DeadLetterAnswer), { example: { items: [deadLetterExample], nextCursor: null } })
  async list(@Query({ schema: DeadLetterQuery }) query: DeadLetterQuery): Promise<Page<DeadLetterAnswer>> {
    const { limit, cursor, service } = query;
    const before = cursor === undefined ? undefined : decodeCursor(cursor, DeadLetterPosition);
    const page = { limit: limit + 1, before, service, filter: filterOf(query) };
    const letters = await this.queries.execute(new ListDeadLetters(page));
    const position = ({ diedAt, messageId, handler }: DeadLetterAnswer): unknown => ({ diedAt, messageId, handler });
    return toPage(letters, limit, position, (letter) => letter);
  }

  @Get('groups')
  @ApiOperation({ summary: 'Dead letters by type, handler and failure; largest group first' })
  @Answers(200, DeadLetterGroupsAnswer, { example: deadLetterGroupsExample })
  async groups(@Query({ schema: DeadLetterGroupQuery }) query: DeadLetterGroupQuery): Promise<DeadLetterGroupsAnswer> {
    return { items: await this.queries.execute(new GroupDeadLetters(query.service, filterOf(query))) };
  }

  @Get(':messageId')
  @ApiOperation({
    summary: 'A dead letter with its message, its attempts and their errors',
    description: 'The message may have personal data.',
  })
  @Answers(200, DeadLetterDetailsAnswer, { example: deadLetterDetailsExample })
  @Problems(404)
  async get(@Param('messageId', { schema: MessageId }) messageId: string): Promise<DeadLetterDetailsAnswer> {
    return { items: await this.queries.execute(new GetDeadLetter(messageId)) };
  }

  @Post(':messageId/redrive')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Redrive a dead letter',
    description: 'It keeps its message id, so handlers that have handled it already ignore it.',
  })
  @Answers(202, RedriveAnswer, {
    example: { messageId: deadLetterExample.messageId, services: [deadLetterExample.service] },
  })
  @Problems(404, 409)
  async redrive(@Param('messageId', { schema: MessageId }) messageId: string): Promise<RedriveAnswer> {
    return { messageId, services: await this.commands.execute(new RedriveDeadLetter(messageId)) };
  }
}
