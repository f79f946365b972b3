import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { eventWork, fold } from '@seam/event-sourcing';
import { Clock } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { type Advance, advance, begin, canAbort, Saga, type SagaState } from '@seam/saga';
import type { Caller } from '@seam/security';
import { requestCancellation } from '../../domain/decide.js';
import { type Order, OrderAggregate, type OrderEvent } from '../../domain/order.js';
import { cancelOrderSaga } from '../../sagas/cancel-order.saga.js';
import { cancellationSagaId, placementSagaId } from '../../sagas/order-data.js';
import { placeOrderSaga } from '../../sagas/place-order.saga.js';
import { visibleTo } from '../answers.js';

export class CancelOrder extends Command<Order> {
  constructor(
    readonly caller: Caller,
    readonly orderId: string,
  ) {
    super();
  }
}

/**
 * Cancels an order that has not been shipped. While it is still on its way to confirmed, its own saga turns back; once
 * that has ended, another saga undoes what it came to. Asked again, nothing more happens.
 */
@CommandHandler(CancelOrder)
export class CancelOrderHandler implements ICommandHandler<CancelOrder, Order> {
  constructor(
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {}

  execute({ caller, orderId }: CancelOrder): Promise<Order> {
    const at = this.clock.now().toISOString();
    const reason = caller.role === 'staff' ? 'cancelled by the staff' : 'cancelled by the customer';
    const streams = {
      order: { aggregate: OrderAggregate, id: orderId },
      placement: { aggregate: Saga, id: placementSagaId(orderId) },
      cancellation: { aggregate: Saga, id: cancellationSagaId(orderId) },
    };
    return this.committer.commit(
      eventWork(streams, ({ order, placement }) => {
        const events = requestCancellation(visibleTo(caller, order), reason, at);
        const requested = fold(OrderAggregate, events, order);
        if (events.length === 0) return { value: order };
        const turned = turnBack(requested, placement, reason, at);
        return {
          events: {
            order: [...events, ...turned.order],
            placement: turned.placement,
            cancellation: turned.cancellation,
          },
          messages: turned.messages,
          value: requested,
        };
      }),
    );
  }
}

interface Turned {
  readonly order: Advance<OrderEvent>['aggregate'];
  readonly placement?: Advance<OrderEvent>['saga'];
  readonly cancellation?: Advance<OrderEvent>['saga'];
  readonly messages: Advance<OrderEvent>['messages'];
}

function turnBack(order: Order, placement: SagaState, reason: string, at: string): Turned {
  if (placement.status !== 'completed') {
    if (!canAbort(placement)) return { order: [], messages: [] };
    const abort = { type: 'abort', code: 'CUSTOMER_REQUEST', reason } as const;
    const turned = advance(placeOrderSaga, placement, order, abort, at, 'orders');
    return { order: turned.aggregate, placement: turned.saga, messages: turned.messages };
  }
  const { id: orderId, userId, total } = order;
  const saga = { id: cancellationSagaId(orderId), correlationId: orderId, data: { orderId, userId, total, reason } };
  const turned = begin(cancelOrderSaga, saga, order, at, 'orders');
  return { order: turned.aggregate, cancellation: turned.saga, messages: turned.messages };
}
