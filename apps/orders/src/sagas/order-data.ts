import { CancellationCode, type OrderLine, type PaymentMethod, type SealedPayment } from '@seam/contracts';
import { derivedId, type Money } from '@seam/kernel';
import { type Failure, type LocalContext, type LocalResult, OPERATOR_REQUEST } from '@seam/saga';
import { cancel } from '../domain/decide.js';
import type { Order, OrderEvent } from '../domain/order.js';
import { published } from '../domain/published.js';

/** The data about their order that both sagas have from the start. */
export interface OrderSagaData {
  readonly orderId: string;
  readonly userId: string;
  readonly total: Money;
}

export interface PlaceOrderData extends OrderSagaData {
  readonly lines: readonly OrderLine[];
  /** Not sealed only in sagas that were started before there were keys. */
  readonly payment: SealedPayment | PaymentMethod;
}

export interface CancelOrderData extends OrderSagaData {
  /** The reason of the cancellation; without a code if the customer or the staff requested it. */
  readonly code?: CancellationCode;
  readonly reason: string;
}

export const placementSagaId = (orderId: string): string => derivedId('place-order', orderId);
export const cancellationSagaId = (orderId: string): string => derivedId('cancel-order', orderId);

/**
 * Cancels the order, with the failure that made its saga compensate, or with the reason given when the cancellation
 * saga was started. Refused for a code that is no reason to cancel an order.
 */
export function cancelLocally(
  order: Order,
  data: PlaceOrderData | CancelOrderData,
  { at, failure }: LocalContext,
): LocalResult<OrderEvent> {
  const { code, reason } = failure ?? requested(data);
  // Staff who compensate a placement act for the customer, as they do where they cancel the order.
  const known = CancellationCode.safeParse(code === OPERATOR_REQUEST ? 'CUSTOMER_REQUEST' : code);
  if (!known.success) return { refused: { code, reason: `an order cannot be cancelled for this: ${reason}` } };
  const events = cancel(order, { code: known.data, reason }, at);
  return 'refused' in events ? events : { events, messages: published(order, events) };
}

const requested = (data: PlaceOrderData | CancelOrderData): Failure => ({
  code: ('code' in data ? data.code : undefined) ?? 'CUSTOMER_REQUEST',
  reason: 'reason' in data ? data.reason : 'cancelled on request',
});
