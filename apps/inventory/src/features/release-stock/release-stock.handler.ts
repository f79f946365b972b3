import { Controller } from '@nestjs/common';
import { ReleaseStock } from '@seam/contracts';
import { type DataOf, done, replyTo } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleCommand, type Work, work } from '@seam/messaging';
import { StockKind } from '../../ports/stock.js';

@Controller()
export class ReleaseStockHandler {
  @HandleCommand(ReleaseStock)
  release(message: Message<DataOf<typeof ReleaseStock>>): Work {
    return work(StockKind, { type: 'release', orderId: message.data.orderId }, () => ({
      value: undefined,
      messages: replyTo(ReleaseStock, message, done({})),
    }));
  }
}
