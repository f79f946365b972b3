import { CancellationCode, OrderLine, PaymentMethod, SealedPayment } from '@seam/contracts';
import { derivedId, Money } from '@seam/kernel';
import { type DecisionResult, type Failure, OPERATOR_REQUEST, type SagaContext } from '@seam/saga';
import { z } from 'zod';
import { cancel } from '../domain/decide.js';
import type { Order, OrderEvent } from '../domain/order.js';
import { published } from '../domain/published.js';

/** The data about their order that both sagas have from the start. */
const order = { orderId: z.string(), userId: z.string(), total: Money };

/** Its payment is not sealed only in sagas that were started before there were keys. */
export const PlaceOrderData = z.object({
  ...order,
  lines: z.array(OrderLine),
  payment: z.union([SealedPayment, PaymentMethod]),
});
export type PlaceOrderData = z.infer<typeof PlaceOrderData>;

/** `code` and `reason`: why it is cancelled; without a code if the customer or the staff requested it. */
export const CancelOrderData = z.object({ ...order, code: CancellationCode.optional(), reason: z.string() });
export type CancelOrderData = z.infer<typeof CancelOrderData>;

export const placementSagaId = (orderId: string): string => derivedId('place-order', orderId);
export const cancellationSagaId = (orderId: string): string => derivedId('cancel-order', orderId);

/**
 * Cancels the order, with the failure that made its saga compensate, or with the reason given when the cancellation
 * saga was started. Refused for a code that is no reason to cancel an order.
 */
export function cancelLocally({
  state: order,
  input,
  at,
  failure,
}: SagaContext<PlaceOrderData | CancelOrderData, Order>): DecisionResult<OrderEvent> {
  const { code, reason } = failure ?? requested(input);
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
