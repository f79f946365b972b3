import { Controller, Get, HttpCode, Inject, Param, Post, Query, type Type } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, type Page, Problems, toPage } from '@seam/host';
import { Staff } from '@seam/security';
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
import { askedOf, beginning, positionOf, wantedBy } from './saga-list.js';
import type { SagaSource } from './saga-source.js';
import { SagasOfServices, type Unavailable } from './sagas-of-services.js';

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
      const asked = askedOf(query, sources);
      const { sagas, unavailable } = await this.sagas.list(asked, {
        ...wantedBy(query, asked),
        ...beginning(query.cursor),
        // One more than the page size, which shows whether there is a next page.
        limit: query.limit + 1,
      });
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
      return sagaAnswer(await this.sagas.act(sources, id, 'redrive'));
    }
  }
  return SagasController;
}
