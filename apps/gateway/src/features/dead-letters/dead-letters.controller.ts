import { Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Answers,
  type DeadLetterAnswer,
  type DeadLetterDetailsAnswer,
  decodeCursor,
  deadLetterExample,
  DeadLetterGroupQuery,
  type DeadLetterGroupsAnswer,
  DeadLetterPosition,
  DeadLetterQuery,
  encodeCursor,
  largestFirst,
  newestFirst,
  Problems,
} from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { SERVICES } from '../../routes.js';
import { Targets } from '../../upstream/targets.js';
import { askServices, bodiesOf, foundIn, notFound, servicesOf } from '../ask-services.js';
import {
  DeadLettersAnswer,
  deadLettersExample,
  DetailsAnswer,
  detailsExample,
  GroupsAnswer,
  groupsExample,
  RedrivenAnswer,
} from './dead-letters.dto.js';

const MessageId = z.string().toLowerCase();

/** The dead letters of all services. */
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
    @Query({ schema: DeadLetterQuery }) query: DeadLetterQuery,
    @Headers('authorization') authorization: string,
  ): Promise<DeadLettersAnswer> {
    const { limit, cursor, service } = query;
    if (cursor !== undefined) decodeCursor(cursor, DeadLetterPosition);
    const collected = await askServices(this.targets, servicesOf(service), authorization, (name) => ({
      path: `/api/dead-letters?${queryFor(name, query)}`,
    }));
    const pages = bodiesOf<{ items: DeadLetterAnswer[]; nextCursor: string | null }>(collected);
    const all = pages.flatMap(({ items }) => items).sort(newestFirst);
    const items = all.slice(0, limit);
    const last = items.at(-1);
    const more = all.length > limit || pages.some(({ nextCursor }) => nextCursor !== null);
    const nextCursor = more && last !== undefined ? positionOf(last) : null;
    return { items, nextCursor, unavailable: collected.unavailable };
  }

  @Get('groups')
  @ApiOperation({ summary: 'Dead letters by type, handler and failure; largest group first' })
  @Answers(200, GroupsAnswer, { example: groupsExample })
  async groups(
    @Query({ schema: DeadLetterGroupQuery }) query: DeadLetterGroupQuery,
    @Headers('authorization') authorization: string,
  ): Promise<GroupsAnswer> {
    const collected = await askServices(this.targets, servicesOf(query.service), authorization, (name) => ({
      path: `/api/dead-letters/groups?${queryFor(name, query)}`,
    }));
    const items = bodiesOf<DeadLetterGroupsAnswer>(collected).flatMap((answer) => answer.items);
    return { items: items.sort(largestFirst), unavailable: collected.unavailable };
  }

  @Get(':messageId')
  @ApiOperation({
    summary: 'A dead letter with its message, its attempts and their errors',
    description: 'The message may have personal data.',
  })
  @Answers(200, DetailsAnswer, { example: detailsExample })
  @Problems(404, 503)
  async get(
    @Param('messageId', { schema: MessageId }) messageId: string,
    @Headers('authorization') authorization: string,
  ): Promise<DetailsAnswer> {
    const path = `/api/dead-letters/${encodeURIComponent(messageId)}`;
    const collected = await askServices(this.targets, SERVICES, authorization, () => ({ path }));
    // A process with several services answers for all of them each time.
    const items = foundIn(collected).flatMap(({ service, answer }) =>
      (answer.body as DeadLetterDetailsAnswer).items.filter((item) => item.service === service),
    );
    if (items.length === 0) throw notFound(NOT_FOUND, `dead letter ${messageId}`, collected.unavailable);
    return { items, unavailable: collected.unavailable };
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
    @Param('messageId', { schema: MessageId }) messageId: string,
    @Headers('authorization') authorization: string,
  ): Promise<RedrivenAnswer> {
    const path = `/api/dead-letters/${encodeURIComponent(messageId)}/redrive`;
    const collected = await askServices(this.targets, SERVICES, authorization, () => ({ method: 'POST', path }));
    const services = foundIn(collected).flatMap(({ answer }) => (answer.body as { services: string[] }).services);
    const { unavailable } = collected;
    if (services.length === 0) throw notFound(NOT_FOUND, `dead letter ${messageId}`, unavailable);
    return { messageId, services: [...new Set(services)].sort(), unavailable };
  }
}

const NOT_FOUND = 'DEAD_LETTER.NOT_FOUND';

/** The same query for one service: a process with several services would otherwise answer for all of them each time. */
function queryFor(service: string, query: DeadLetterGroupQuery): string {
  const given = Object.entries({ ...query, service } as Record<string, string | number | Date | undefined>);
  const parameters = new URLSearchParams();
  for (const [name, value] of given)
    if (value !== undefined) parameters.set(name, value instanceof Date ? value.toISOString() : String(value));
  return parameters.toString();
}

/** The same cursor as each service makes: it stands for the same position in all of them. */
const positionOf = ({ diedAt, messageId, handler }: DeadLetterAnswer): string =>
  encodeCursor({ diedAt, messageId, handler });
