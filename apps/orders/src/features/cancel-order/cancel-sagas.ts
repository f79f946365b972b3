import { CodedError } from '@seam/kernel';
import { canAbort, type SagaDecision, type SagaRunner, type SagaState, startSaga } from '@seam/saga';
import type { Cancellation } from '../../domain/decide.js';
import type { Order, OrderEvent } from '../../domain/order.js';
import { cancelOrderSaga } from '../../sagas/cancel-order.saga.js';
import { cancellationSagaId } from '../../sagas/order-data.js';

export interface OrderSagas {
  readonly placement: SagaState;
  /** The state of the saga that compensates a completed placement; its status is `none` if it was never started. */
  readonly cancellation: SagaState;
}

export interface SagaCancellation {
  readonly order: SagaDecision<OrderEvent>['aggregate'];
  readonly placement?: SagaDecision<OrderEvent>['saga'];
  readonly cancellation?: SagaDecision<OrderEvent>['saga'];
  readonly messages: SagaDecision<OrderEvent>['messages'];
  /** Set if the saga that compensates is parked: the conflict error, which says what the saga waits for. */
  readonly parked?: CodedError;
}

/**
 * The effect of a cancellation on the sagas of an order that is neither shipped nor cancelled: the placement is aborted
 * and compensates, or, if it is already completed, another saga compensates it. A compensation in progress simply
 * continues.
 */
export function cancelSagas(
  runner: Pick<SagaRunner, 'abort'>,
  order: Order,
  { placement, cancellation }: OrderSagas,
  why: Cancellation,
  at: string,
): SagaCancellation {
  if (placement.status === 'completed' && cancellation.status === 'none') return startCancellation(order, why, at);
  const back = placement.status === 'completed' ? cancellation : placement;
  if (back === placement && canAbort(placement)) {
    const cancelled = runner.abort<OrderEvent>(placement, order, why, at);
    return { order: cancelled.aggregate, placement: cancelled.saga, messages: cancelled.messages };
  }
  const nothing = { order: [], messages: [] };
  if (back.status === 'running' || back.status === 'compensating') return nothing;
  return { ...nothing, parked: new CodedError('conflict', 'ORDER.CANCELLATION_PARKED', whyParked(back)) };
}

function startCancellation(order: Order, why: Cancellation, at: string): SagaCancellation {
  const { id: orderId, userId, total } = order;
  const saga = { id: cancellationSagaId(orderId), correlationId: orderId, data: { orderId, userId, total, ...why } };
  const cancelled = startSaga(cancelOrderSaga, saga, order, at, 'orders');
  return { order: cancelled.aggregate, cancellation: cancelled.saga, messages: cancelled.messages };
}

function whyParked({ id, status, steps, pending, failure }: SagaState): string {
  const step = steps[pending?.step ?? -1];
  const because = failure === undefined ? '' : ` (${failure.code}: ${failure.reason})`;
  const compensating = pending?.phase === 'undo' ? 'compensating ' : '';
  const at = step === undefined ? '' : ` at ${compensating}${step.name}: ${step.error ?? 'no answer'}`;
  return `The order is being cancelled already${because}, and its saga ${id} is ${status} and waits for staff${at}`;
}
