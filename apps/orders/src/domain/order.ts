import type { CancellationCode } from '@seam/contracts';
import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import { type Money, unreachable } from '@seam/kernel';
import { z } from 'zod';
import { type OrderEvent, orderSchemas, type PricedLine } from './order-events.js';

export type { OrderEvent, PricedLine, Requester } from './order-events.js';

export type OrderStatus = 'pending' | 'confirmed' | 'cancelled' | 'shipped';

/** The status that is shown: `cancelling` while a requested cancellation is in progress. */
export type ShownStatus = OrderStatus | 'cancelling';

export interface Order {
  readonly id: string;
  /** `none` before it is placed. */
  readonly status: OrderStatus | 'none';
  readonly userId: string;
  readonly sagaId: string;
  readonly lines: readonly PricedLine[];
  readonly total: Money;
  readonly fingerprint: string;
  readonly placedAt: string;
  /** A cancellation is in progress or complete: the order is neither confirmed nor shipped any more. */
  readonly cancelling: boolean;
  readonly wasConfirmed: boolean;
  readonly cancellation?: { readonly code: CancellationCode; readonly reason: string };
  readonly shipment?: { readonly tracking: string };
}

/** The shown status of an order that was placed. */
export const shownStatus = ({
  status,
  cancelling,
}: Pick<Order, 'status' | 'cancelling'>): Order['status'] | ShownStatus =>
  cancelling && (status === 'pending' || status === 'confirmed') ? 'cancelling' : status;

const initial: Order = {
  id: '',
  status: 'none',
  userId: '',
  sagaId: '',
  lines: [],
  total: { amount: 0, currency: 'EUR' },
  fingerprint: '',
  placedAt: '',
  cancelling: false,
  wasConfirmed: false,
};

export const OrderAggregate: Aggregate<Order, OrderEvent> = {
  category: 'order',
  initial,
  evolve,
  schemas: orderSchemas,
  check,
  settled,
};

const Sum = z.looseObject({ amount: z.number(), currency: z.string() });
const Placed = z.looseObject({
  orderId: z.string(),
  userId: z.string(),
  sagaId: z.string(),
  lines: z.array(z.looseObject({ sku: z.string(), quantity: z.int(), unitPrice: Sum })),
  total: Sum,
});
const Cancelled = z.looseObject({ code: z.string(), reason: z.string() });
const Shipped = z.looseObject({ tracking: z.string() });

/** Checks only the essential fields, because what older versions have stored must stay readable. */
function check({ type, data }: DomainEvent): void {
  if (type === 'order-placed') Placed.parse(data);
  if (type === 'order-cancelled') Cancelled.parse(data);
  if (type === 'order-shipped') Shipped.parse(data);
}

/** A confirmed order is settled: it is shipped or cancelled hours later, if ever. */
function settled(order: Order): boolean {
  const status = shownStatus(order);
  return status === 'confirmed' || status === 'shipped' || status === 'cancelled';
}

function evolve(order: Order, event: OrderEvent): Order {
  switch (event.type) {
    case 'order-placed': {
      const { orderId, ...placed } = event.data;
      return { ...order, ...placed, id: orderId, status: 'pending', placedAt: event.at };
    }
    case 'order-confirmed':
      return { ...order, status: 'confirmed', wasConfirmed: true };
    case 'cancellation-requested':
      return { ...order, cancelling: true };
    case 'order-cancelled':
      return { ...order, status: 'cancelled', cancelling: true, cancellation: event.data };
    case 'order-shipped':
      return { ...order, status: 'shipped', shipment: event.data };
    default:
      return unreachable(event);
  }
}
