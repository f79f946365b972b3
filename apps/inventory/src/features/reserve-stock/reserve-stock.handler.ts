import { Controller } from '@nestjs/common';
import { ReserveStock } from '@seam/contracts';
import { type DataOf, done, refused } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { answering, type AnswerTo, HandleCommand, work } from '@seam/messaging';
import { StockKind } from '../../ports/stock.js';

@Controller()
export class ReserveStockHandler {
  @HandleCommand(ReserveStock)
  reserve(message: Message<DataOf<typeof ReserveStock>>): AnswerTo<typeof ReserveStock> {
    const { orderId, lines } = message.data;
    const reserved = work(StockKind, { type: 'reserve', orderId, lines }, (value) => ({ value, messages: [] }));
    return answering(ReserveStock, message, reserved, (result) =>
      result.outcome === 'refused' ? refused(result.code, result.reason) : done({}),
    );
  }
}
