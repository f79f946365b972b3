import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sku } from '@seam/contracts';
import { Answers, Problems } from '@seam/host';
import { Caller, type OptionalCaller, Public } from '@seam/security';
import { unknownSku } from '../../domain/errors.js';
import { StockReader } from '../../ports/stock.js';
import { type PublicStockView, publicView, staffExample, StaffStockView, staffView } from './stock-view.js';

@ApiTags('inventory')
@Controller('api/inventory')
export class ViewStockController {
  constructor(private readonly stock: StockReader) {}

  @Get(':sku')
  @Public()
  @ApiOperation({ summary: 'How many pieces are available; for staff also where the others are' })
  @Answers(200, StaffStockView.partial({ onHand: true, reserved: true, sold: true }), {
    description: 'OK; `onHand`, `reserved` and `sold` for staff only',
    example: staffExample,
  })
  @Problems(404)
  async view(
    @Param('sku', { schema: Sku }) sku: string,
    @Caller() caller: OptionalCaller,
  ): Promise<PublicStockView | StaffStockView> {
    const levels = await this.stock.find(sku);
    if (levels === undefined) throw unknownSku(sku);
    return caller?.role === 'staff' ? staffView(sku, levels) : publicView(sku, levels);
  }
}
