import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sku } from '@seam/contracts';
import { Answers, IdempotencyKey, Problems } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { Committer, work } from '@seam/messaging';
import { Caller, Staff } from '@seam/security';
import type { StockResult } from '../../domain/change.js';
import { unknownSku } from '../../domain/errors.js';
import { StockKind } from '../../ports/stock.js';
import { staffExample, StaffStockView, staffView } from '../view-stock/stock-view.js';
import { receiptIdOf, ReceiveStockBody } from './receive-stock.dto.js';

@ApiTags('inventory')
@Controller('api/inventory')
export class ReceiveStockController {
  constructor(private readonly committer: Committer) {}

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
    @IdempotencyKey() key: string | undefined,
    @Caller() caller: Caller,
  ): Promise<StaffStockView> {
    const receiptId = receiptIdOf(caller.userId, key);
    const receipt = { type: 'receive', receiptId, sku, quantity } as const;
    const result = await this.committer.commit(work(StockKind, receipt, (value) => ({ value, messages: [] })));
    return viewOf(sku, result);
  }
}

function viewOf(sku: string, result: StockResult): StaffStockView {
  switch (result.outcome) {
    case 'received':
      return staffView(sku, result.levels);
    case 'unknown-sku':
      throw unknownSku(sku);
    case 'receipt-reused':
      throw new CodedError(
        'unprocessable',
        'IDEMPOTENCY.KEY_REUSED',
        'This Idempotency-Key was used for another receipt',
      );
    default:
      throw new Error(`a receipt cannot come to ${result.outcome}`);
  }
}
