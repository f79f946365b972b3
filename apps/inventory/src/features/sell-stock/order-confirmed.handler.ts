import { Controller } from '@nestjs/common';
import { OrderConfirmed, SaleRefused } from '@seam/contracts';
import { type DataOf, messageOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleEvent, naturallyIdempotent, type WorkResult, type Work, work } from '@seam/messaging';
import type { StockResult } from '../../domain/change.js';
import { StockKind } from '../../ports/stock.js';

@Controller()
export class OrderConfirmedHandler {
  @HandleEvent('inventory', OrderConfirmed)
  sell({ data: { orderId } }: Message<DataOf<typeof OrderConfirmed>>): Work {
    // A reservation is sold, or refused, once: a repetition changes nothing and publishes nothing.
    return naturallyIdempotent(work(StockKind, { type: 'sell', orderId }, (result) => sold(orderId, result)));
  }
}

/**
 * The payment is captured, but the reservation had expired and the pieces are sold: the orders service must cancel and
 * refund it.
 */
function sold(orderId: string, result: StockResult): WorkResult<undefined> {
  if (result.outcome !== 'refused') return { value: undefined, messages: [] };
  const refusal = { orderId, code: 'OUT_OF_STOCK', reason: result.reason } as const;
  return { value: undefined, messages: [messageOf(SaleRefused, orderId, refusal)] };
}
