import { Controller } from '@nestjs/common';
import { type DataOf, OrderConfirmed } from '@seam/contracts';
import type { Message } from '@seam/kernel';
import { HandleEvent, markingItself, PermanentError, type Settlement, type Work, work } from '@seam/messaging';
import type { StockResult } from '../../domain/change.js';
import { StockKind } from '../../ports/stock.js';

@Controller()
export class OrderConfirmedHandler {
  @HandleEvent('inventory', OrderConfirmed)
  sell(message: Message<DataOf<typeof OrderConfirmed>>): Work {
    const change = { type: 'sell', orderId: message.data.orderId } as const;
    // A reservation is sold once: the second time changes nothing.
    return markingItself(work(StockKind, change, sold));
  }
}

/** The money is taken: an order whose pieces are gone, as its reservation had expired, needs somebody to look after it. */
function sold(result: StockResult): Settlement<undefined> {
  if (result.outcome === 'refused') throw new PermanentError(result.reason);
  return { value: undefined, messages: [] };
}
