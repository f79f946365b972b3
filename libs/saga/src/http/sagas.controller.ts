import { Controller, Get, HttpCode, Inject, Param, Post, Query, type Type } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, decodeCursor, type Page, Problems, toPage } from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import type { SagaQuery } from '../saga-finder.js';
import {
  sagaAnswer,
  sagaAnswerSchema,
  sagaExample,
  SagaId,
  sagaListQuery,
  type SagaListQuery,
  sagaPageSchema,
} from './saga.dto.js';
import { DETAILS, sagaDetailsAnswer, sagaDetailsExample, sagaDetailsSchema } from './saga-details.dto.js';
import type { SagaSource, SourcedSaga } from './saga-source.js';
import { SagasOfServices, type Unavailable } from './sagas-of-services.js';

const Position = z.object({ startedAt: z.iso.datetime(), id: z.uuid().lowercase() });

/** The state of the services' sagas, for the staff, and the redrive of a parked one. */
export function sagasController(path: string, sources: readonly SagaSource[]): Type {
  const ListQuery = sagaListQuery(sources);
  const SagaAnswer = sagaAnswerSchema(sources);
  const saga = sagaExample(sources);

  @ApiTags('sagas')
  @Staff()
  @Controller(path)
  class SagasController {
    constructor(@Inject(SagasOfServices) private readonly sagas: SagasOfServices) {}

    @Get()
    @ApiOperation({
      summary: 'Sagas, newest first; may lag a moment behind',
      description: 'A page misses the sagas of `unavailable` services; the same request later returns them.',
    })
    @Answers(200, sagaPageSchema(sources), { example: { items: [saga], nextCursor: null, unavailable: [] } })
    async list(
      @Query({ schema: ListQuery }) query: SagaListQuery,
    ): Promise<Page<object> & { unavailable: Unavailable[] }> {
      const asked = sources.filter((source) => fits(source, query, sources));
      const { sagas, unavailable } = await this.sagas.list(asked, wantedBy(query, asked));
      return { ...toPage(sagas, query.limit, positionOf, sagaAnswer), unavailable };
    }

    @Get(':id')
    @ApiOperation({
      summary: 'One saga as it is now: its steps, its timeline, and what is still to come',
      description: DETAILS,
    })
    @Answers(200, sagaDetailsSchema(sources), { example: sagaDetailsExample(sources) })
    @Problems(404, 409)
    async get(@Param('id', { schema: SagaId }) id: string): Promise<object> {
      return sagaDetailsAnswer(await this.sagas.get(sources, id));
    }

    @Post(':id/redrive')
    @HttpCode(202)
    @ApiOperation({ summary: 'Restart a parked saga from its current step' })
    @Answers(202, SagaAnswer, { example: saga })
    @Problems(404, 409)
    async redrive(@Param('id', { schema: SagaId }) id: string): Promise<object> {
      return sagaAnswer(await this.sagas.steer(sources, id, 'redrive'));
    }
  }
  return SagasController;
}

const positionOf = ({ saga: { startedAt, id } }: SourcedSaga): unknown => ({ startedAt, id });

/** Whether the service can have such sagas: it is the one asked for, and its sagas have the field that is looked for. */
const fits = ({ service, correlation }: SagaSource, query: SagaListQuery, all: readonly SagaSource[]): boolean =>
  (query.service === undefined || query.service === service) &&
  all.every(({ correlation: { name } }) => query[name] === undefined || name === correlation.name);

/** One more than the page size, which shows whether there is a next page. */
function wantedBy(query: SagaListQuery, asked: readonly SagaSource[]): SagaQuery {
  const { limit, cursor, state, definition, version, step, retrying } = query;
  const [correlationId] = asked.flatMap(({ correlation }) => (query[correlation.name] as string | undefined) ?? []);
  const startedBefore = earliest(query);
  return {
    ...(state === undefined ? {} : { status: state }),
    ...(definition === undefined ? {} : { definition }),
    ...(version === undefined ? {} : { version }),
    ...(step === undefined ? {} : { step }),
    ...(retrying === undefined ? {} : { retrying }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(startedBefore === undefined ? {} : { startedBefore }),
    ...(cursor === undefined ? {} : { before: decodeCursor(cursor, Position) }),
    limit: limit + 1,
  };
}

/** In the form in which sagas store times. */
function earliest({ startedBefore, olderThan }: SagaListQuery): string | undefined {
  const times = [
    ...(startedBefore === undefined ? [] : [Date.parse(startedBefore)]),
    ...(olderThan === undefined ? [] : [Date.now() - olderThan * 1_000]),
  ];
  return times.length === 0 ? undefined : new Date(Math.min(...times)).toISOString();
}
