import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderShipped } from '@seam/contracts';
import { messageOf } from '@seam/messaging/contract';
import type { OutgoingMessage } from '@seam/kernel';
import { unreachable } from '@seam/kernel';
import type { Order, OrderEvent } from './order.js';

/**
 * The messages about an order's events for other services: these contracts are published, not the events themselves.
 * `order` is the state before the events.
 */
export function published(order: Order, events: readonly OrderEvent[]): OutgoingMessage[] {
  return events.flatMap((event) => publish(order, event));
}

function publish(order: Order, event: OrderEvent): OutgoingMessage[] {
  const common = { orderId: order.id, userId: order.userId, total: order.total };
  switch (event.type) {
    case 'order-placed': {
      const { orderId, userId, total, lines } = event.data;
      const data = { orderId, userId, total, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) };
      return [messageOf(OrderPlaced, orderId, { ...data, placedAt: event.at })];
    }
    case 'order-confirmed':
      return [messageOf(OrderConfirmed, order.id, { ...common, confirmedAt: event.at })];
    case 'order-cancelled': {
      const { wasConfirmed } = order;
      return [messageOf(OrderCancelled, order.id, { ...common, ...event.data, wasConfirmed, cancelledAt: event.at })];
    }
    case 'order-shipped':
      return [messageOf(OrderShipped, order.id, { ...common, tracking: event.data.tracking, shippedAt: event.at })];
    case 'cancellation-requested':
      return [];
    default:
      return unreachable(event);
  }
}
