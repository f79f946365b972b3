import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus, QueryBus } from '@seam/cqrs';
import { Caller, Staff } from '@seam/security';
import { z } from 'zod';
import { Answers, Problems } from '../docs/answer.decorator.js';
import { RequestBody } from '../docs/request-body.decorator.js';
import { decodeCursor, type Page, pageOf, toPage } from '../http/pagination.js';
import {
  DeadLetterActionAnswer,
  deadLetterActionExample,
  DeadLetterActionPosition,
  DeadLetterActionQuery,
  EditAnswer,
  EditBody,
  editedExample,
  editExample,
  SettleBody,
  settleExample,
} from './dead-letter-action.dto.js';
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
import { DiscardDeadLetter } from './discard-dead-letter.handler.js';
import { EditDeadLetter } from './edit-dead-letter.handler.js';
import { GetDeadLetter } from './get-dead-letter.handler.js';
import { GroupDeadLetters } from './group-dead-letters.handler.js';
import { ListDeadLetterActions } from './list-dead-letter-actions.handler.js';
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

  @Get('actions')
  @ApiOperation({ summary: 'What the staff did with dead letters, and why; latest first' })
  @Answers(200, pageOf(DeadLetterActionAnswer), { example: { items: [deadLetterActionExample], nextCursor: null } })
  async actions(
    @Query({ schema: DeadLetterActionQuery }) { limit, cursor, service }: DeadLetterActionQuery,
  ): Promise<Page<DeadLetterActionAnswer>> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, DeadLetterActionPosition);
    const actions = await this.queries.execute(new ListDeadLetterActions(limit + 1, before, service));
    return toPage(
      actions,
      limit,
      ({ id }) => id,
      (action) => action,
    );
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
  @RequestBody(SettleBody, { 'The cause is removed': settleExample })
  @Answers(202, RedriveAnswer, {
    example: { messageId: deadLetterExample.messageId, services: [deadLetterExample.service] },
  })
  @Problems(404, 409)
  async redrive(
    @Param('messageId', { schema: MessageId }) messageId: string,
    @Body({ schema: SettleBody }) { reason: why }: SettleBody,
    @Caller() { userId: by }: Caller,
  ): Promise<RedriveAnswer> {
    return { messageId, services: await this.commands.execute(new RedriveDeadLetter(messageId, { by, why })) };
  }

  @Post(':messageId/edit')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send a dead letter with other data',
    description: 'It is sent under a new id, and the original never takes effect any more.',
  })
  @RequestBody(EditBody, { 'Other data': editExample })
  @Answers(202, EditAnswer, { example: editedExample })
  @Problems(404, 409, 422)
  async edit(
    @Param('messageId', { schema: MessageId }) messageId: string,
    @Body({ schema: EditBody }) { reason: why, service, data }: EditBody,
    @Caller() { userId: by }: Caller,
  ): Promise<EditAnswer> {
    const command = new EditDeadLetter(messageId, service, data, { by, why });
    return { messageId, ...(await this.commands.execute(command)) };
  }

  @Post(':messageId/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Discard a dead letter', description: 'The message never takes effect any more.' })
  @RequestBody(SettleBody, { 'Not needed any more': settleExample })
  @Answers(200, RedriveAnswer, {
    example: { messageId: deadLetterExample.messageId, services: [deadLetterExample.service] },
  })
  @Problems(404, 409)
  async discard(
    @Param('messageId', { schema: MessageId }) messageId: string,
    @Body({ schema: SettleBody }) { reason: why }: SettleBody,
    @Caller() { userId: by }: Caller,
  ): Promise<RedriveAnswer> {
    return { messageId, services: await this.commands.execute(new DiscardDeadLetter(messageId, { by, why })) };
  }
}
