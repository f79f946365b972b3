import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CodedError } from '@seam/kernel';
import { HostedMessages, type ServiceMessages } from '@seam/messaging';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { Answers, Problems } from '../docs/answer.decorator.js';
import { decodeCursor, type Page, pageOf, toPage } from '../http/pagination.js';
import { invalidRequest } from '../http/validation.pipe.js';
import {
  DeadLetterAnswer,
  deadLetterAnswer,
  deadLetterExample,
  DeadLetterPosition,
  DeadLetterQuery,
  newestFirst,
  RedriveAnswer,
} from './dead-letter.dto.js';

/** The dead letters of the services of this process, for staff, and their redrive. */
@ApiTags('operations')
@Staff()
@Controller('api/dead-letters')
export class DeadLettersController {
  constructor(private readonly messages: HostedMessages) {}

  @Get()
  @ApiOperation({ summary: 'Dead letters: messages that the services could not handle; newest first' })
  @Answers(200, pageOf(DeadLetterAnswer), { example: { items: [deadLetterExample], nextCursor: null } })
  async list(@Query({ schema: DeadLetterQuery }) query: DeadLetterQuery): Promise<Page<DeadLetterAnswer>> {
    const { limit, cursor, service } = query;
    const before = cursor === undefined ? undefined : decodeCursor(cursor, DeadLetterPosition);
    const lists = await Promise.all(
      this.of(service).map(async ([name, { deadLetters }]) =>
        (await deadLetters.list(limit + 1, before)).map((letter) => deadLetterAnswer(name, letter)),
      ),
    );
    const position = ({ diedAt, messageId, handler }: DeadLetterAnswer): unknown => ({ diedAt, messageId, handler });
    return toPage(lists.flat().sort(newestFirst), limit, position, (letter) => letter);
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
  async redrive(@Param('messageId', { schema: z.string().toLowerCase() }) messageId: string): Promise<RedriveAnswer> {
    const redriven = await Promise.all(
      this.of().map(async ([name, { deadLetters }]) => ((await moved(deadLetters, messageId)) ? [name] : [])),
    );
    const services = redriven.flat();
    if (services.length === 0)
      throw new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
    return { messageId, services };
  }

  private of(service?: string): [string, ServiceMessages][] {
    const all = [...this.messages.all];
    if (service === undefined) return all;
    const one = all.filter(([name]) => name === service);
    if (one.length > 0) return one;
    const names = all.map(([name]) => name).join(', ');
    throw invalidRequest([{ path: ['service'], message: `must be a service of this process: ${names}` }]);
  }
}

/** Whether the service had such a dead letter, which is then sent again. */
async function moved(deadLetters: ServiceMessages['deadLetters'], messageId: string): Promise<boolean> {
  try {
    await deadLetters.redrive(messageId);
    return true;
  } catch (error) {
    if (error instanceof CodedError && error.kind === 'not-found') return false;
    throw error;
  }
}
