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
  @ApiOperation({ summary: 'Receive pieces that were delivered' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Makes it safe to repeat the request: with the same key the receipt is booked once, and the answer is the same',
  })
  @Answers(201, StaffStockView, { description: 'Received; the stock after the receipt', example: staffExample })
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
