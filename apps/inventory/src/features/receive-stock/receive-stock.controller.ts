import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sku } from '@seam/contracts';
import { CommandBus } from '@seam/cqrs';
import { Answers, IdempotencyKey, Problems } from '@seam/host';
import { Caller, Staff } from '@seam/security';
import { staffExample, StaffStockView, staffView } from '../view-stock/stock.dto.js';
import { ReceiveStockBody } from './receive-stock.dto.js';
import { ReceiveStock } from './receive-stock.handler.js';

@ApiTags('inventory')
@Controller('api/inventory')
export class ReceiveStockController {
  constructor(private readonly commands: CommandBus) {}

  @Post(':sku/receipts')
  @Staff()
  @ApiOperation({ summary: 'Take in pieces that were delivered' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Makes it safe to send the receipt again: under the same key it is taken in once, and answered the same',
  })
  @Answers(201, StaffStockView, { description: 'Taken in; the stock after it', example: staffExample })
  @Problems(404, 422)
  async receive(
    @Param('sku', { schema: Sku }) sku: string,
    @Body({ schema: ReceiveStockBody }) { quantity }: ReceiveStockBody,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Caller() { userId }: Caller,
  ): Promise<StaffStockView> {
    const levels = await this.commands.execute(new ReceiveStock({ userId, idempotencyKey, sku, quantity }));
    return staffView(sku, levels);
  }
}
