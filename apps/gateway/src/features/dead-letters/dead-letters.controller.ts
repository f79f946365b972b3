import { Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Answers,
  type DeadLetterAnswer,
  decodeCursor,
  deadLetterExample,
  DeadLetterPosition,
  DeadLetterQuery,
  encodeCursor,
  invalidRequest,
  newestFirst,
  Problems,
  RetryLaterError,
} from '@seam/host';
import { CodedError } from '@seam/kernel';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { SERVICES } from '../../routes.js';
import type { Answer, Ask } from '../../upstream/collect.js';
import { Targets } from '../../upstream/targets.js';
import { askForCaller, isMissing, type Missing, problemIn } from '../ask-for-caller.js';
import { DeadLettersAnswer, deadLettersExample, RedrivenAnswer } from './dead-letters.dto.js';

type Unavailable = DeadLettersAnswer['unavailable'];
interface Given {
  readonly service: string;
  readonly answer: Answer;
}

/**
 * The dead letters of all services. Only one instance of each service is asked, because the instances share a database.
 */
@ApiTags('operations')
@Staff()
@Controller('api/dead-letters')
export class AllDeadLettersController {
  constructor(private readonly targets: Targets) {}

  @Get()
  @ApiOperation({
    summary: 'Dead letters: messages that the services could not handle; newest first',
    description: 'A page misses the dead letters of `unavailable` services; a later request returns them.',
  })
  @Answers(200, DeadLettersAnswer, { example: deadLettersExample })
  async list(
    @Query({ schema: DeadLetterQuery }) { limit, cursor, service }: DeadLetterQuery,
    @Headers('authorization') authorization: string,
  ): Promise<DeadLettersAnswer> {
    if (cursor !== undefined) decodeCursor(cursor, DeadLetterPosition);
    const after = cursor === undefined ? '' : `&cursor=${cursor}`;
    const { given, unavailable } = await this.askAll(servicesOf(service), authorization, (name) => ({
      // With the service's name: a process may host several services, and would otherwise answer for all of them each
      // time.
      path: `/api/dead-letters?limit=${limit}&service=${name}${after}`,
    }));
    const pages = given.map(({ service: name, answer }) => {
      if (answer.status !== 200) throw problemIn(answer, name);
      return answer.body as { items: DeadLetterAnswer[]; nextCursor: string | null };
    });
    const all = pages.flatMap(({ items }) => items).sort(newestFirst);
    const items = all.slice(0, limit);
    const last = items.at(-1);
    const more = all.length > limit || pages.some(({ nextCursor }) => nextCursor !== null);
    return { items, nextCursor: more && last !== undefined ? positionOf(last) : null, unavailable };
  }

  @Post(':messageId/redrive')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Redrive a dead letter',
    description: 'It keeps its message id, so handlers that have handled it already ignore it.',
  })
  @Answers(202, RedrivenAnswer, {
    example: { messageId: deadLetterExample.messageId, services: [deadLetterExample.service], unavailable: [] },
  })
  @Problems(404, 503)
  async redrive(
    @Param('messageId', { schema: z.string().toLowerCase() }) messageId: string,
    @Headers('authorization') authorization: string,
  ): Promise<RedrivenAnswer> {
    const path = `/api/dead-letters/${encodeURIComponent(messageId)}/redrive`;
    const { given, unavailable } = await this.askAll(SERVICES, authorization, () => ({ method: 'POST', path }));
    const refused = given.find(({ answer }) => answer.status !== 202 && answer.status !== 404);
    if (refused !== undefined) throw problemIn(refused.answer, refused.service);
    const redriven = given.filter(({ answer }) => answer.status === 202);
    const services = redriven.flatMap(({ answer }) => (answer.body as { services: string[] }).services);
    if (services.length === 0) throw notFound(messageId, unavailable);
    return { messageId, services: [...new Set(services)].sort(), unavailable };
  }

  private async askAll(
    services: readonly string[],
    authorization: string,
    request: (service: string) => Pick<Ask, 'method' | 'path'>,
  ): Promise<{ given: Given[]; unavailable: Unavailable }> {
    const asked = await Promise.all(
      services.map(async (service) => ({
        service,
        answer: await askForCaller(this.targets.of(service), authorization, request(service)),
      })),
    );
    return {
      given: asked.filter((one): one is Given => !isMissing(one.answer)),
      unavailable: asked.flatMap(({ service, answer }) => (isMissing(answer) ? [{ service, ...reason(answer) }] : [])),
    };
  }
}

const reason = ({ code, reason: text }: Missing): Missing => ({ code, reason: text });

function servicesOf(service: string | undefined): readonly string[] {
  if (service === undefined) return SERVICES;
  if (SERVICES.includes(service)) return [service];
  throw invalidRequest([{ path: ['service'], message: `must be one of ${SERVICES.join(', ')}` }]);
}

/** The same cursor as each service makes: it stands for the same position in all of them. */
const positionOf = ({ diedAt, messageId, handler }: DeadLetterAnswer): string =>
  encodeCursor({ diedAt, messageId, handler });

/** It is only certain that the dead letter does not exist if all services could be asked. */
function notFound(messageId: string, unavailable: Unavailable): CodedError {
  if (unavailable.length === 0)
    return new CodedError('not-found', 'DEAD_LETTER.NOT_FOUND', `There is no dead letter ${messageId}`);
  const names = unavailable.map(({ service }) => service).join(', ');
  const detail = `No service that answered has a dead letter ${messageId}; these did not answer: ${names}`;
  return new RetryLaterError('GATEWAY.SERVICE_AWAY', detail, 5, 'unavailable');
}
