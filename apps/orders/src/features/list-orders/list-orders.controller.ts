import { Controller, Get, Query } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { QueryBus } from '@seam/cqrs';
import type { StreamPosition } from '@seam/event-sourcing';
import { ReadPosition, SEAM_POSITION } from '@seam/event-sourcing/http';
import { Answers, decodeCursor, type Page, pageOf, Problems, toPage } from '@seam/host';
import { Authenticated, Caller } from '@seam/security';
import { z } from 'zod';
import type { Order } from '../../domain/order.js';
import { customerExample, OrderAnswer, orderExample } from '../order.dto.js';
import { OrderAnswers } from '../order-answers.js';
import { checkFilters, ListOrdersQuery } from './list-orders.dto.js';
import { ListOrders } from './list-orders.handler.js';

const Position = z.object({ placedAt: z.iso.datetime(), id: z.uuid().lowercase() });

const POSITION_DESCRIPTION =
  'From the answer of a command: the list then includes its effect. Waits for that up to two seconds, and is answered ' +
  'with 412 READ_MODEL.BEHIND if that is not enough.';

@ApiTags('orders')
@Controller('api/orders')
export class ListOrdersController {
  constructor(
    private readonly queries: QueryBus,
    private readonly answers: OrderAnswers,
  ) {}

  @Get()
  @Authenticated()
  @ApiOperation({
    summary: 'Your orders, newest first; for staff the orders of all customers',
    description:
      'All given filters must match. A search by e-mail finds an order once the registration of its customer has ' +
      'arrived here, which may take a moment.',
  })
  @Answers(200, pageOf(OrderAnswer), {
    example: { items: [{ ...orderExample, customer: customerExample }], nextCursor: null },
  })
  @ApiHeader({ name: SEAM_POSITION, required: false, description: POSITION_DESCRIPTION })
  @Problems(403, 412)
  async list(
    @Caller() caller: Caller,
    @Query({ schema: ListOrdersQuery }) query: ListOrdersQuery,
    @ReadPosition() after: StreamPosition | undefined,
  ): Promise<Page<OrderAnswer>> {
    checkFilters(caller, query);
    const { limit, cursor, ...filters } = query;
    const before = cursor === undefined ? undefined : decodeCursor(cursor, Position);
    const orders = await this.queries.execute(new ListOrders(caller, { ...filters, before, limit: limit + 1 }, after));
    const position = ({ placedAt, id }: Order): object => ({ placedAt, id });
    const page = toPage(orders, limit, position, (order) => order);
    return { ...page, items: await this.answers.all(caller, page.items) };
  }
}
