import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, decodeCursor, type Page, pageOf, PageQuery, toPage } from '@seam/host';
import { Authenticated, Caller } from '@seam/security';
import { z } from 'zod';
import { OrderFinder } from '../../ports/order-finder.js';
import { OrderAnswer, orderAnswer, orderExample, OrderStatusAnswer } from '../answers.js';

const ListQuery = z.strictObject({ ...PageQuery.shape, status: OrderStatusAnswer.optional() });
const Position = z.object({ placedAt: z.iso.datetime(), id: z.uuid() });

@ApiTags('orders')
@Controller('api/orders')
export class ListOrdersController {
  constructor(private readonly finder: OrderFinder) {}

  @Get()
  @Authenticated()
  @ApiOperation({ summary: 'Your orders, latest first; for staff everyone’s' })
  @Answers(200, pageOf(OrderAnswer), { example: { items: [orderExample], nextCursor: null } })
  async list(
    @Caller() caller: Caller,
    @Query({ schema: ListQuery }) { limit, cursor, status }: z.infer<typeof ListQuery>,
  ): Promise<Page<OrderAnswer>> {
    const orders = await this.finder.list({
      status,
      userId: caller.role === 'staff' ? undefined : caller.userId,
      before: cursor === undefined ? undefined : decodeCursor(cursor, Position),
      limit: limit + 1,
    });
    return toPage(orders, limit, ({ placedAt, id }) => ({ placedAt, id }), orderAnswer);
  }
}
