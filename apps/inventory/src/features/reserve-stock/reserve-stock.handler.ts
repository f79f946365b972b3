import { Controller } from '@nestjs/common';
import { ReserveStock } from '@seam/contracts';
import { done, refused, replyTo, type DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleCommand, type Work, work } from '@seam/messaging';
import { StockKind } from '../../ports/stock.js';

@Controller()
export class ReserveStockHandler {
  @HandleCommand(ReserveStock)
  reserve(message: Message<DataOf<typeof ReserveStock>>): Work {
    const { orderId, lines } = message.data;
    return work(StockKind, { type: 'reserve', orderId, lines }, (result) => ({
      value: undefined,
      messages: replyTo(
        ReserveStock,
        message,
        result.outcome === 'refused' ? refused(result.code, result.reason) : done({}),
      ),
    }));
  }
}
