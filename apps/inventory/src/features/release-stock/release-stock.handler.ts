import { Controller } from '@nestjs/common';
import { ReleaseStock } from '@seam/contracts';
import { type DataOf, done } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { answering, type AnswerTo, HandleCommand, work } from '@seam/messaging';
import { StockKind } from '../../ports/stock.js';

@Controller()
export class ReleaseStockHandler {
  @HandleCommand(ReleaseStock)
  release(message: Message<DataOf<typeof ReleaseStock>>): AnswerTo<typeof ReleaseStock> {
    const { orderId } = message.data;
    const released = work(StockKind, { type: 'release', orderId }, () => ({ value: undefined, messages: [] }));
    return answering(ReleaseStock, message, released, () => done({}));
  }
}
