import { CancellationCode, Sku } from '@seam/contracts';
import { UnreadableStreamError } from '@seam/event-sourcing';
import { CodedError, Money, text } from '@seam/kernel';
import type { Caller } from '@seam/security';
import { z } from 'zod';
import { type Order, type PricedLine, shownStatus } from '../domain/order.js';

export const ItemAnswer = z.object({ sku: Sku, quantity: z.int(), unitPrice: Money });

export const OrderStatusAnswer = z.enum(['pending', 'confirmed', 'cancelling', 'cancelled', 'shipped']);

const CustomerAnswer = z
  .object({ id: z.string(), name: z.string().optional(), email: z.string().optional() })
  .describe('The customer; only in answers to staff, name and e-mail if they are known');
type CustomerAnswer = z.infer<typeof CustomerAnswer>;

export const customerExample: CustomerAnswer = {
  id: '01a2028b-abe1-77f6-8b77-a1c25e6f7a8b',
  name: 'Ada',
  email: 'ada@example.org',
};

export const OrderAnswer = z.object({
  id: z.uuid(),
  status: OrderStatusAnswer,
  items: z.array(ItemAnswer),
  total: Money,
  placedAt: z.iso.datetime(),
  cancellation: z.object({ code: CancellationCode, reason: z.string() }).optional(),
  shipment: z.object({ tracking: z.string() }).optional(),
  customer: CustomerAnswer.optional(),
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

export function orderAnswer(order: Order, customer?: CustomerAnswer): OrderAnswer {
  const status = shownStatus(order);
  if (status === 'none') throw new Error('an order that was never placed has no answer');
  const { id, lines, total, placedAt, cancellation, shipment } = order;
  return {
    id,
    status,
    items: itemsOf(lines),
    total,
    placedAt,
    ...(cancellation === undefined ? {} : { cancellation }),
    ...(shipment === undefined ? {} : { shipment }),
    ...(customer === undefined ? {} : { customer }),
  };
}

/** Lets the owner and the staff see an order; to anyone else it does not exist. */
export function visibleTo(caller: Pick<Caller, 'userId' | 'role'>, order: Order): Order {
  if (order.status !== 'none' && (caller.role === 'staff' || order.userId === caller.userId)) return order;
  throw new CodedError('not-found', 'ORDER.NOT_FOUND', 'There is no such order');
}

/**
 * Reports an unreadable order only to its owner and the staff, as far as its owner is known. For others, it does not
 * exist.
 *
 * @param reading a read of the order's own stream
 */
export async function hidingFrom<T>(caller: Pick<Caller, 'userId' | 'role'>, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const soFar = error instanceof UnreadableStreamError ? (error.soFar as Order) : undefined;
    if (soFar !== undefined && soFar.status !== 'none') visibleTo(caller, soFar);
    throw error;
  }
}

/**
 * The id of an order in a path or a query, in lower or upper case. An id that is not a valid order id is simply not
 * found.
 */
export const OrderId = text({ max: 64 }).toLowerCase();
