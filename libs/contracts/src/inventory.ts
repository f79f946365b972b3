import { z } from 'zod';
import { defineCommand, defineEvent } from '@seam/messaging/contract';

export const OrderLine = z.object({ sku: z.string(), quantity: z.int().min(1) });
export type OrderLine = z.infer<typeof OrderLine>;

/**
 * Takes every line of an order from the stock, or none. Refused: `OUT_OF_STOCK`, or `RELEASED` if the release arrived
 * first.
 */
export const ReserveStock = defineCommand({
  service: 'inventory',
  name: 'reserve-stock',
  data: z.object({ orderId: z.string(), lines: z.array(OrderLine).min(1) }),
  reply: z.object({}),
});

/**
 * Releases an order's pieces, reserved or sold. For an order without a reservation it is done as well, and a reservation
 * that arrives later is refused.
 */
export const ReleaseStock = defineCommand({
  service: 'inventory',
  name: 'release-stock',
  data: z.object({ orderId: z.string() }),
  reply: z.object({}),
});

/**
 * An order was confirmed after its reservation had expired, and its pieces are sold: nothing of it is sold, now or later.
 * Published once per order.
 */
export const SaleRefused = defineEvent({
  service: 'inventory',
  name: 'sale-refused',
  data: z.object({ orderId: z.string(), code: z.literal('OUT_OF_STOCK'), reason: z.string() }),
});
