import { eventWork, fold } from '@seam/event-sourcing';
import type { Work } from '@seam/messaging';
import { Saga, type SagaRunner } from '@seam/saga';
import { type CancellationRequest, requestCancellation } from '../../domain/decide.js';
import { type Order, OrderAggregate } from '../../domain/order.js';
import { cancellationSagaId, placementSagaId } from '../../sagas/order-data.js';
import { cancelSagas } from './cancel-sagas.js';

interface Request extends CancellationRequest {
  readonly orderId: string;
  /** ISO 8601. */
  readonly at: string;
  /** Returns the order if it may be cancelled, otherwise throws. */
  readonly check?: (order: Order) => Order;
  /** Whether a parked cancellation is a conflict, which says why; otherwise it is left as it is. */
  readonly refuseParked?: boolean;
}

/**
 * Cancels an order that has not been shipped. Before it is confirmed, its own saga compensates; once that saga is
 * completed, another saga compensates it. A repeated request changes nothing.
 */
export function cancellationWork(
  runner: SagaRunner,
  { orderId, code, reason, by, at, check = (order) => order, refuseParked = false }: Request,
): Work<Order> {
  const streams = {
    order: { aggregate: OrderAggregate, id: orderId },
    placement: { aggregate: Saga, id: placementSagaId(orderId) },
    cancellation: { aggregate: Saga, id: cancellationSagaId(orderId) },
  };
  return eventWork(streams, ({ order, ...sagas }) => {
    const events = requestCancellation(check(order), { code, reason, by }, at);
    if (order.status === 'cancelled') return { value: order };
    const requested = fold(OrderAggregate, events, order);
    const cancelled = cancelSagas(runner, requested, sagas, { code, reason }, at);
    if (cancelled.parked !== undefined && refuseParked) throw cancelled.parked;
    return {
      events: {
        order: [...events, ...cancelled.order],
        placement: cancelled.placement,
        cancellation: cancelled.cancellation,
      },
      messages: cancelled.messages,
      value: fold(OrderAggregate, cancelled.order, requested),
    };
  });
}
