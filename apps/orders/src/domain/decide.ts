import type { CancellationCode } from '@seam/contracts';
import { CodedError } from '@seam/kernel';
import type { Order, OrderEvent, PricedLine, Requester } from './order.js';
import { totalOf } from './pricing.js';

export interface PlaceOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly sagaId: string;
  readonly lines: readonly PricedLine[];
  readonly fingerprint: string;
}

interface Refused {
  readonly refused: { readonly code: string; readonly reason: string };
}

/**
 * Places an order. If the same request is repeated, there is no event, and its first answer is given again. Another
 * request under the same id, which is derived from the customer's idempotency key, is refused.
 */
export function place(order: Order, command: PlaceOrder, at: string): OrderEvent[] {
  if (order.status === 'none')
    return [{ type: 'order-placed', at, data: { ...command, total: totalOf(command.lines) } }];
  if (order.fingerprint === command.fingerprint) return [];
  throw new CodedError(
    'unprocessable',
    'IDEMPOTENCY.KEY_REUSED',
    'This Idempotency-Key was used for another order; use a new key for a new order',
  );
}

/** Confirms a pending order; an order that is being cancelled is not confirmed any more. */
export function confirm(order: Order, at: string): OrderEvent[] | Refused {
  if (order.status === 'confirmed') return [];
  if (order.status === 'pending' && !order.cancelling) return [{ type: 'order-confirmed', at, data: {} }];
  return { refused: { code: 'CUSTOMER_REQUEST', reason: 'the order is being cancelled' } };
}

export interface Cancellation {
  readonly code: CancellationCode;
  readonly reason: string;
}

export interface CancellationRequest extends Cancellation {
  readonly by: Requester;
}

/**
 * Begins to cancel an order that can be cancelled. A shipped order cannot; an order that is being cancelled, or is
 * cancelled, needs no event.
 */
export function requestCancellation(order: Order, { code, reason, by }: CancellationRequest, at: string): OrderEvent[] {
  if (order.status === 'shipped')
    throw new CodedError(
      'conflict',
      'ORDER.NOT_CANCELLABLE',
      'The order has been shipped and cannot be cancelled any more',
    );
  if (order.cancelling) return [];
  return [{ type: 'cancellation-requested', at, data: { code, reason, by } }];
}

/** Completes every cancellation, after all compensations. A parcel that was shipped cannot be called back. */
export function cancel(order: Order, cancellation: Cancellation, at: string): OrderEvent[] | Refused {
  if (order.status === 'shipped')
    return { refused: { code: 'ORDER.NOT_CANCELLABLE', reason: 'the order has been shipped' } };
  return order.status === 'cancelled' ? [] : [{ type: 'order-cancelled', at, data: cancellation }];
}

/** Ships a confirmed order, once; the same tracking number again is no event. */
export function ship(order: Order, tracking: string, at: string): OrderEvent[] {
  if (order.status === 'shipped' && order.shipment?.tracking === tracking) return [];
  if (order.status === 'confirmed' && !order.cancelling) return [{ type: 'order-shipped', at, data: { tracking } }];
  const state = order.cancelling && order.status !== 'cancelled' ? 'being cancelled' : order.status;
  throw new CodedError(
    'conflict',
    'ORDER.NOT_SHIPPABLE',
    `The order is ${state}; only a confirmed order can be shipped`,
  );
}
