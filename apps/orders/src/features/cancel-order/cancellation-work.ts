import { eventWork, fold } from '@seam/event-sourcing';
import type { Work } from '@seam/messaging';
import { Saga, type SagaRunner } from '@seam/saga';
import { type Cancellation, requestCancellation } from '../../domain/decide.js';
import { type Order, OrderAggregate } from '../../domain/order.js';
import { cancellationSagaId, placementSagaId } from '../../sagas/order-data.js';
import { turnBack } from './turn-back.js';

interface Request extends Cancellation {
  readonly orderId: string;
  /** ISO 8601. */
  readonly at: string;
  /** Lets the order through, or throws. */
  readonly check?: (order: Order) => Order;
  /** Whether a cancellation that stands still is a conflict, which says why; else it is left as it is. */
  readonly refuseParked?: boolean;
}

/**
 * Cancels an order that has not been shipped. While it is still on its way to confirmed, its own saga turns back; once
 * that has ended, another saga undoes what it came to. Asked again while that goes on, nothing more happens.
 */
export function cancellationWork(
  runner: SagaRunner,
  { orderId, code, reason, at, check = (order) => order, refuseParked = false }: Request,
): Work<Order> {
  const streams = {
    order: { aggregate: OrderAggregate, id: orderId },
    placement: { aggregate: Saga, id: placementSagaId(orderId) },
    cancellation: { aggregate: Saga, id: cancellationSagaId(orderId) },
  };
  return eventWork(streams, ({ order, ...sagas }) => {
    const events = requestCancellation(check(order), { code, reason }, at);
    if (order.status === 'cancelled') return { value: order };
    const requested = fold(OrderAggregate, events, order);
    const turned = turnBack(runner, requested, sagas, { code, reason }, at);
    if (turned.parked !== undefined && refuseParked) throw turned.parked;
    return {
      events: {
        order: [...events, ...turned.order],
        placement: turned.placement,
        cancellation: turned.cancellation,
      },
      messages: turned.messages,
      value: fold(OrderAggregate, turned.order, requested),
    };
  });
}
