import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sku } from '@seam/contracts';
import { CommandBus } from '@seam/cqrs';
import { Answers, IdempotencyKey, Problems } from '@seam/host';
import { Caller, Staff } from '@seam/security';
import { staffExample, StaffStockView, staffView } from '../view-stock/stock.dto.js';
import { CorrectStockBody } from './correct-stock.dto.js';
import { CorrectStock } from './correct-stock.handler.js';

@ApiTags('inventory')
@Controller('api/inventory')
export class CorrectStockController {
  constructor(private readonly commands: CommandBus) {}

  @Post(':sku/corrections')
  @Staff()
  @ApiOperation({
    summary: 'Remove pieces that were counted but are missing',
    description: 'Removes available pieces only: more than are `available` is 409 `INVENTORY.NOT_ON_HAND`.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Makes it safe to repeat the request: with the same key the correction is made once, and the answer is the same',
  })
  @Answers(201, StaffStockView, { description: 'Corrected; the stock after the correction', example: staffExample })
  @Problems(404, 409, 422)
  async correct(
    @Param('sku', { schema: Sku }) sku: string,
    @Body({ schema: CorrectStockBody }) body: CorrectStockBody,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Caller() { userId }: Caller,
  ): Promise<StaffStockView> {
    const levels = await this.commands.execute(new CorrectStock({ userId, idempotencyKey, sku, ...body }));
    return staffView(sku, levels);
  }
}
