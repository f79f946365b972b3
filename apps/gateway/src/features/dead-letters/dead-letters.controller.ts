import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Answers,
  type DeadLetterActionAnswer,
  DeadLetterActionPosition,
  DeadLetterActionQuery,
  type DeadLetterAnswer,
  type DeadLetterDetailsAnswer,
  decodeCursor,
  DeadLetterGroupQuery,
  type DeadLetterGroupsAnswer,
  DeadLetterPosition,
  DeadLetterQuery,
  EditAnswer,
  EditBody,
  editedExample,
  editExample,
  invalidRequest,
  largestFirst,
  latestFirst,
  newestFirst,
  type Page,
  Problems,
  SettleBody,
  settleExample,
  RequestBody,
} from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { SERVICES } from '../../routes.js';
import { Targets } from '../../upstream/targets.js';
import { askServices, bodiesOf, foundIn, mergedPage, notFound, queryFor, servicesOf } from '../ask-services.js';
import {
  ActionsAnswer,
  actionsExample,
  DeadLettersAnswer,
  deadLettersExample,
  DetailsAnswer,
  detailsExample,
  GroupsAnswer,
  groupsExample,
  RedrivenAnswer,
  redrivenExample,
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
    const page = mergedPage(bodiesOf<Page<DeadLetterAnswer>>(collected), limit, newestFirst, positionOf);
    return { ...page, unavailable: collected.unavailable };
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

  @Get('actions')
  @ApiOperation({ summary: 'What the staff did with dead letters, and why; latest first' })
  @Answers(200, ActionsAnswer, { example: actionsExample })
  async actions(
    @Query({ schema: DeadLetterActionQuery }) query: DeadLetterActionQuery,
    @Headers('authorization') authorization: string,
  ): Promise<ActionsAnswer> {
    const { limit, cursor, service } = query;
    if (cursor !== undefined) decodeCursor(cursor, DeadLetterActionPosition);
    const collected = await askServices(this.targets, servicesOf(service), authorization, (name) => ({
      path: `/api/dead-letters/actions?${queryFor(name, query)}`,
    }));
    const page = mergedPage(bodiesOf<Page<DeadLetterActionAnswer>>(collected), limit, latestFirst, ({ id }) => id);
    return { ...page, unavailable: collected.unavailable };
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
  @RequestBody(SettleBody, { 'The cause is removed': settleExample })
  @Answers(202, RedrivenAnswer, { example: redrivenExample })
  @Problems(404, 409, 503)
  redrive(
    @Param('messageId', { schema: MessageId }) messageId: string,
    @Body({ schema: SettleBody }) body: SettleBody,
    @Headers('authorization') authorization: string,
  ): Promise<RedrivenAnswer> {
    return this.settle(messageId, 'redrive', body, authorization);
  }

  @Post(':messageId/edit')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send a dead letter with other data',
    description: 'It is sent under a new id, and the original never takes effect any more.',
  })
  @RequestBody(EditBody, { 'Other data': editExample })
  @Answers(202, EditAnswer, { example: editedExample })
  @Problems(404, 409, 422, 503)
  async edit(
    @Param('messageId', { schema: MessageId }) messageId: string,
    @Body({ schema: EditBody }) body: EditBody,
    @Headers('authorization') authorization: string,
  ): Promise<EditAnswer> {
    const service = body.service ?? (await this.ownerOf(messageId, authorization));
    const path = `/api/dead-letters/${encodeURIComponent(messageId)}/edit`;
    const request = { method: 'POST', path, body: { ...body, service } } as const;
    const collected = await askServices(this.targets, servicesOf(service), authorization, () => request);
    const [answer] = bodiesOf<EditAnswer>(collected);
    if (answer === undefined) throw notFound(NOT_FOUND, `dead letter ${messageId}`, collected.unavailable);
    return answer;
  }

  @Post(':messageId/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Discard a dead letter', description: 'The message never takes effect any more.' })
  @RequestBody(SettleBody, { 'Not needed any more': settleExample })
  @Answers(200, RedrivenAnswer, { example: redrivenExample })
  @Problems(404, 409, 503)
  discard(
    @Param('messageId', { schema: MessageId }) messageId: string,
    @Body({ schema: SettleBody }) body: SettleBody,
    @Headers('authorization') authorization: string,
  ): Promise<RedrivenAnswer> {
    return this.settle(messageId, 'discard', body, authorization);
  }

  private async settle(
    messageId: string,
    how: 'redrive' | 'discard',
    body: SettleBody,
    authorization: string,
  ): Promise<RedrivenAnswer> {
    const path = `/api/dead-letters/${encodeURIComponent(messageId)}/${how}`;
    const request = { method: 'POST', path, body } as const;
    const collected = await askServices(this.targets, SERVICES, authorization, () => request);
    const services = foundIn(collected).flatMap(({ answer }) => (answer.body as { services: string[] }).services);
    const { unavailable } = collected;
    if (services.length === 0) throw notFound(NOT_FOUND, `dead letter ${messageId}`, unavailable);
    return { messageId, services: [...new Set(services)].sort(), unavailable };
  }

  /** The only service that has this dead letter. */
  private async ownerOf(messageId: string, authorization: string): Promise<string> {
    const { items } = await this.get(messageId, authorization);
    const [owner, ...others] = [...new Set(items.map(({ service }) => service))];
    if (owner !== undefined && others.length === 0) return owner;
    const names = items.map(({ service }) => service).join(', ');
    throw invalidRequest([{ path: ['service'], message: `must be one of those that have it: ${names}` }]);
  }
}

const NOT_FOUND = 'DEAD_LETTER.NOT_FOUND';

const positionOf = ({ diedAt, messageId, handler }: DeadLetterAnswer): object => ({ diedAt, messageId, handler });
