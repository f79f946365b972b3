import { Controller } from '@nestjs/common';
import { ProductChanged } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleEvent, type Work, work } from '@seam/messaging';
import { StockKind } from '../../ports/stock.js';

/** Stock is tracked for every product, active or not: earlier reservations still have to be sold or released. */
@Controller()
export class ProductChangedHandler {
  @HandleEvent('inventory', ProductChanged)
  open(message: Message<DataOf<typeof ProductChanged>>): Work {
    return work(StockKind, { type: 'open', sku: message.data.sku }, () => ({ value: undefined, messages: [] }));
  }
}
