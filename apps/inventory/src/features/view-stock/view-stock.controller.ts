import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sku } from '@seam/contracts';
import { QueryBus } from '@seam/cqrs';
import { Answers, Problems } from '@seam/host';
import { Caller, type OptionalCaller, Public } from '@seam/security';
import { type PublicStockView, publicView, staffExample, StaffStockView, staffView } from './stock.dto.js';
import { ViewStock } from './view-stock.handler.js';

@ApiTags('inventory')
@Controller('api/inventory')
export class ViewStockController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':sku')
  @Public()
  @ApiOperation({ summary: 'The number of available pieces; for staff also on hand, reserved and sold ones' })
  @Answers(200, StaffStockView.partial({ onHand: true, reserved: true, sold: true }), {
    description: 'OK; `onHand`, `reserved` and `sold` for staff only',
    example: staffExample,
  })
  @Problems(404)
  async view(
    @Param('sku', { schema: Sku }) sku: string,
    @Caller() caller: OptionalCaller,
  ): Promise<PublicStockView | StaffStockView> {
    const levels = await this.queries.execute(new ViewStock(sku));
    return caller?.role === 'staff' ? staffView(sku, levels) : publicView(sku, levels);
  }
}
