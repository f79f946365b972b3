import { Controller, Get, HttpCode, Inject, Param, Post, Query, type Type } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus, QueryBus } from '@seam/cqrs';
import { Answers, decodeCursor, type Page, pageOf, PageQuery, Problems, toPage } from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import type { SagaQuery } from '../saga-finder.js';
import { GetSaga, ListSagas } from './find-sagas.handler.js';
import { SteerSaga } from './steer-saga.handler.js';
import {
  type CorrelationField,
  sagaAnswer,
  sagaAnswerSchema,
  type SagaExample,
  sagaExample,
  SagaId,
  SagaStatusAnswer,
} from './saga.dto.js';

const Position = z.object({ startedAt: z.iso.datetime(), id: z.uuid().lowercase() });

export interface SagaRoutesOptions {
  /** Without a slash at the beginning or end, such as `api/sagas`. */
  readonly path: string;
  readonly correlation: CorrelationField;
  /** An example of a saga for the API's document. */
  readonly example: SagaExample;
}

/** The state of a service's sagas, for the staff, and the redrive of a parked one. */
export function sagasController(service: string, { path, correlation, example }: SagaRoutesOptions): Type {
  const ListQuery = listQuery(correlation);
  const SagaAnswer = sagaAnswerSchema(correlation);
  const saga = sagaExample(correlation, example);

  @ApiTags('sagas')
  @Staff()
  @Controller(path)
  class SagasController {
    constructor(
      @Inject(CommandBus) private readonly commands: CommandBus,
      @Inject(QueryBus) private readonly queries: QueryBus,
    ) {}

    @Get()
    @ApiOperation({ summary: 'Sagas, newest first; may lag a moment behind' })
    @Answers(200, pageOf(SagaAnswer), { example: { items: [saga], nextCursor: null } })
    async list(@Query({ schema: ListQuery }) query: z.infer<typeof ListQuery>): Promise<Page<object>> {
      const sagas = await this.queries.execute(new ListSagas(service, wantedBy(query, correlation)));
      const position = ({ startedAt, id }: (typeof sagas)[number]): unknown => ({ startedAt, id });
      return toPage(sagas, query.limit, position, (one) => sagaAnswer(correlation, one));
    }

    @Get(':id')
    @ApiOperation({ summary: 'The current state of one saga and its steps' })
    @Answers(200, SagaAnswer, { example: saga })
    @Problems(404, 409)
    async get(@Param('id', { schema: SagaId }) id: string): Promise<object> {
      return sagaAnswer(correlation, await this.queries.execute(new GetSaga(service, id)));
    }

    @Post(':id/redrive')
    @HttpCode(202)
    @ApiOperation({ summary: 'Restart a parked saga from its current step' })
    @Answers(202, SagaAnswer, { example: saga })
    @Problems(404, 409)
    async redrive(@Param('id', { schema: SagaId }) id: string): Promise<object> {
      return sagaAnswer(correlation, await this.commands.execute(new SteerSaga(service, id, 'redrive')));
    }
  }
  return SagasController;
}

const ListShape = { ...PageQuery.shape, state: SagaStatusAnswer.optional() };
type ListQuery = z.infer<z.ZodObject<typeof ListShape>> & Readonly<Record<string, unknown>>;

const listQuery = ({ name, query }: CorrelationField): z.ZodType<ListQuery> =>
  z.strictObject({ ...ListShape, [name]: query.optional() });

/** One more than the page size, which shows whether there is a next page. */
function wantedBy({ limit, cursor, state, ...query }: ListQuery, { name }: CorrelationField): SagaQuery {
  const correlationId = query[name] as string | undefined;
  return {
    ...(state === undefined ? {} : { status: state }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(cursor === undefined ? {} : { before: decodeCursor(cursor, Position) }),
    limit: limit + 1,
  };
}
