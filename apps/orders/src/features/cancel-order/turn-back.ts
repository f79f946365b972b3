import { CodedError } from '@seam/kernel';
import { type Advance, begin, canAbort, type SagaRunner, type SagaState } from '@seam/saga';
import type { Cancellation } from '../../domain/decide.js';
import type { Order, OrderEvent } from '../../domain/order.js';
import { cancelOrderSaga } from '../../sagas/cancel-order.saga.js';
import { cancellationSagaId } from '../../sagas/order-data.js';

export interface OrderSagas {
  readonly placement: SagaState;
  /** Of the saga that undoes what a completed placement came to; status `none` where none was begun. */
  readonly cancellation: SagaState;
}

export interface Turned {
  readonly order: Advance<OrderEvent>['aggregate'];
  readonly placement?: Advance<OrderEvent>['saga'];
  readonly cancellation?: Advance<OrderEvent>['saga'];
  readonly messages: Advance<OrderEvent>['messages'];
  /** It is on its way back and stands still: the conflict that says what it waits for. */
  readonly parked?: CodedError;
}

/**
 * What cancelling an order that is neither shipped nor cancelled does to its sagas: the placement turns back, or, once
 * that is completed, another saga undoes what it came to. One that is on its way back already is left to go on.
 */
export function turnBack(
  runner: Pick<SagaRunner, 'abort'>,
  order: Order,
  { placement, cancellation }: OrderSagas,
  why: Cancellation,
  at: string,
): Turned {
  if (placement.status === 'completed' && cancellation.status === 'none') return beginCancellation(order, why, at);
  const back = placement.status === 'completed' ? cancellation : placement;
  if (back === placement && canAbort(placement)) {
    const turned = runner.abort<OrderEvent>(placement, order, why, at);
    return { order: turned.aggregate, placement: turned.saga, messages: turned.messages };
  }
  const nothing = { order: [], messages: [] };
  if (back.status === 'running' || back.status === 'compensating') return nothing;
  return { ...nothing, parked: new CodedError('conflict', 'ORDER.CANCELLATION_PARKED', whyParked(back)) };
}

function beginCancellation(order: Order, why: Cancellation, at: string): Turned {
  const { id: orderId, userId, total } = order;
  const saga = { id: cancellationSagaId(orderId), correlationId: orderId, data: { orderId, userId, total, ...why } };
  const turned = begin(cancelOrderSaga, saga, order, at, 'orders');
  return { order: turned.aggregate, cancellation: turned.saga, messages: turned.messages };
}

function whyParked({ id, steps, pending, failure }: SagaState): string {
  const step = steps[pending?.step ?? -1];
  const because = failure === undefined ? '' : ` (${failure.code}: ${failure.reason})`;
  const undoing = pending?.phase === 'undo' ? 'undoing ' : '';
  const at = step === undefined ? '' : ` at ${undoing}${step.name}: ${step.error ?? 'no answer'}`;
  return `The order is being cancelled already${because}, and its saga ${id} waits for the staff${at}`;
}
