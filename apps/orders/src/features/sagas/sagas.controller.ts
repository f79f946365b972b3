import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, decodeCursor, type Page, pageOf, PageQuery, Problems, toPage } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { SagaFinder, SagaRunner, type SagaState } from '@seam/saga';
import { Staff } from '@seam/security';
import { z } from 'zod';
import { Orders } from '../../ports/orders.js';
import { OrderId } from '../answers.js';
import { SagaAnswer, sagaAnswer, sagaExample, SagaListQuery } from './saga.answer.js';

const ListQuery = z.strictObject({ ...PageQuery.shape, ...SagaListQuery });
const Position = z.object({ startedAt: z.iso.datetime(), id: z.uuid() });

/** How orders' sagas stand, for the staff, and what an operator can do about a parked one. */
@ApiTags('sagas')
@Staff()
@Controller('api/sagas')
export class SagasController {
  constructor(
    private readonly orders: Orders,
    private readonly finder: SagaFinder,
    private readonly runner: SagaRunner,
    private readonly committer: Committer,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Sagas, latest first, a moment behind' })
  @Answers(200, pageOf(SagaAnswer), { example: { items: [sagaExample], nextCursor: null } })
  async list(
    @Query({ schema: ListQuery }) { limit, cursor, state, orderId }: z.infer<typeof ListQuery>,
  ): Promise<Page<SagaAnswer>> {
    const sagas = await this.finder.list({
      ...(state === undefined ? {} : { status: state }),
      ...(orderId === undefined ? {} : { correlationId: orderId }),
      ...(cursor === undefined ? {} : { before: decodeCursor(cursor, Position) }),
      limit: limit + 1,
    });
    return toPage(sagas, limit, ({ startedAt, id }) => ({ startedAt, id }), sagaAnswer);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One saga and its steps, as it is now' })
  @Answers(200, SagaAnswer, { example: sagaExample })
  @Problems(404)
  async get(@Param('id', { schema: OrderId }) id: string): Promise<SagaAnswer> {
    return sagaAnswer(await this.#find(id));
  }

  @Post(':id/redrive')
  @HttpCode(202)
  @ApiOperation({ summary: 'Send a parked saga on, from the step it stands at' })
  @Answers(202, SagaAnswer, { example: sagaExample })
  @Problems(404, 409)
  async redrive(@Param('id', { schema: OrderId }) id: string): Promise<SagaAnswer> {
    await this.committer.commit(this.runner.redrive(await this.#find(id)));
    return sagaAnswer(await this.#find(id));
  }

  async #find(id: string): Promise<SagaState> {
    const saga = await this.orders.saga(id);
    if (saga.status === 'none') throw new CodedError('not-found', 'SAGA.NOT_FOUND', 'There is no such saga');
    return saga;
  }
}
