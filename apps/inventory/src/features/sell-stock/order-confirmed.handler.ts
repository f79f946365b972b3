import { Controller } from '@nestjs/common';
import { type DataOf, OrderConfirmed } from '@seam/contracts';
import type { Message } from '@seam/kernel';
import { HandleEvent, markingItself, type Work, work } from '@seam/messaging';
import { StockKind } from '../../ports/stock.js';

@Controller()
export class OrderConfirmedHandler {
  @HandleEvent('inventory', OrderConfirmed)
  sell(message: Message<DataOf<typeof OrderConfirmed>>): Work {
    const change = { type: 'sell', orderId: message.data.orderId } as const;
    // A reservation is sold once: the second time changes nothing.
    return markingItself(work(StockKind, change, () => ({ value: undefined, messages: [] })));
  }
}
