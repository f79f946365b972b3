import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sku } from '@seam/contracts';
import { QueryBus } from '@seam/cqrs';
import { Answers, decodeCursor, type Page, pageOf, toPage } from '@seam/host';
import { Staff } from '@seam/security';
import { staffExample, StaffStockView, staffView } from '../view-stock/stock.dto.js';
import { ListStockQuery } from './list-stock.dto.js';
import { ListStock } from './list-stock.handler.js';

@ApiTags('inventory')
@Controller('api/inventory')
export class ListStockController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Staff()
  @ApiOperation({ summary: 'The stock by SKU; `?availableAtMost=5` finds what is running out' })
  @Answers(200, pageOf(StaffStockView), { example: { items: [staffExample], nextCursor: null } })
  async list(
    @Query({ schema: ListStockQuery }) { q, availableAtMost, limit, cursor }: ListStockQuery,
  ): Promise<Page<StaffStockView>> {
    const search = {
      text: q,
      availableAtMost,
      after: cursor === undefined ? undefined : decodeCursor(cursor, Sku),
      limit: limit + 1,
    };
    const found = await this.queries.execute(new ListStock(search));
    return toPage(
      found,
      limit,
      ({ sku }) => sku,
      ({ sku, levels }) => staffView(sku, levels),
    );
  }
}
