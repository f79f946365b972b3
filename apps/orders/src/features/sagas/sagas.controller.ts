import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandBus, QueryBus } from '@seam/cqrs';
import { Answers, decodeCursor, type Page, pageOf, PageQuery, Problems, toPage } from '@seam/host';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { OrderId } from '../order.dto.js';
import { GetSaga, ListSagas } from './find-sagas.handler.js';
import { RedriveSaga } from './redrive-saga.handler.js';
import { SagaAnswer, sagaAnswer, sagaExample, SagaListQuery } from './saga.dto.js';

const ListQuery = z.strictObject({ ...PageQuery.shape, ...SagaListQuery });
const Position = z.object({ startedAt: z.iso.datetime(), id: z.uuid().lowercase() });

/** How orders' sagas stand, for the staff, and what an operator can do about a parked one. */
@ApiTags('sagas')
@Staff()
@Controller('api/sagas')
export class SagasController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Sagas, newest first; may lag a moment behind' })
  @Answers(200, pageOf(SagaAnswer), { example: { items: [sagaExample], nextCursor: null } })
  async list(
    @Query({ schema: ListQuery }) { limit, cursor, state, orderId }: z.infer<typeof ListQuery>,
  ): Promise<Page<SagaAnswer>> {
    const wanted = {
      ...(state === undefined ? {} : { status: state }),
      ...(orderId === undefined ? {} : { correlationId: orderId }),
      ...(cursor === undefined ? {} : { before: decodeCursor(cursor, Position) }),
      limit: limit + 1,
    };
    const sagas = await this.queries.execute(new ListSagas(wanted));
    return toPage(sagas, limit, ({ startedAt, id }) => ({ startedAt, id }), sagaAnswer);
  }

  @Get(':id')
  @ApiOperation({ summary: 'The current state of one saga and its steps' })
  @Answers(200, SagaAnswer, { example: sagaExample })
  @Problems(404, 409)
  async get(@Param('id', { schema: OrderId }) id: string): Promise<SagaAnswer> {
    return sagaAnswer(await this.queries.execute(new GetSaga(id)));
  }

  @Post(':id/redrive')
  @HttpCode(202)
  @ApiOperation({ summary: 'Restart a parked saga from its current step' })
  @Answers(202, SagaAnswer, { example: sagaExample })
  @Problems(404, 409)
  async redrive(@Param('id', { schema: OrderId }) id: string): Promise<SagaAnswer> {
    return sagaAnswer(await this.commands.execute(new RedriveSaga(id)));
  }
}
