import { CancellationCode, Sku } from '@seam/contracts';
import { CodedError, Money, text } from '@seam/kernel';
import type { Caller } from '@seam/security';
import { z } from 'zod';
import type { Order, PricedLine } from '../domain/order.js';

export const ItemAnswer = z.object({ sku: Sku, quantity: z.int(), unitPrice: Money });

export const OrderStatusAnswer = z.enum(['pending', 'confirmed', 'cancelled', 'shipped']);

export const OrderAnswer = z.object({
  id: z.uuid(),
  status: OrderStatusAnswer,
  items: z.array(ItemAnswer),
  total: Money,
  placedAt: z.iso.datetime(),
  cancellation: z.object({ code: CancellationCode, reason: z.string() }).optional(),
  shipment: z.object({ tracking: z.string() }).optional(),
});
export type OrderAnswer = z.infer<typeof OrderAnswer>;

export const orderExample = {
  id: '3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d',
  status: 'confirmed',
  items: [{ sku: 'MUG-BLUE', quantity: 2, unitPrice: { amount: 1299, currency: 'EUR' } }],
  total: { amount: 2598, currency: 'EUR' },
  placedAt: '2026-11-22T09:30:00.000Z',
};

export const itemsOf = (lines: readonly PricedLine[]): z.infer<typeof ItemAnswer>[] =>
  lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice }));

export function orderAnswer(order: Order): OrderAnswer {
  if (order.status === 'none') throw new Error('an order that was never placed has no answer');
  const { id, status, lines, total, placedAt, cancellation, shipment } = order;
  return {
    id,
    status,
    items: itemsOf(lines),
    total,
    placedAt,
    ...(cancellation === undefined ? {} : { cancellation }),
    ...(shipment === undefined ? {} : { shipment }),
  };
}

/** Lets the owner and the staff see an order; to anyone else it does not exist. */
export function visibleTo(caller: Pick<Caller, 'userId' | 'role'>, order: Order): Order {
  if (order.status !== 'none' && (caller.role === 'staff' || order.userId === caller.userId)) return order;
  throw new CodedError('not-found', 'ORDER.NOT_FOUND', 'There is no such order');
}

/** An order's id in a path: anything that is none of ours is simply not found. */
export const OrderId = text({ max: 64 });
