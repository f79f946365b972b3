import type { OrderEvent, PricedLine } from '../domain/order.js';
import type { PlaceOrderData } from '../sagas/order-data.js';

export const at = '2026-11-22T09:30:00.000Z';
export const eur = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'EUR' });

const lines: PricedLine[] = [
  { sku: 'MUG-BLUE', quantity: 2, unitPrice: eur(1299) },
  { sku: 'TEA-ASSAM', quantity: 1, unitPrice: eur(890) },
];

/** The command that places it. */
export const anOrder = { orderId: 'o1', userId: 'u1', sagaId: 's1', lines, fingerprint: 'f1' };

type Placed = Extract<OrderEvent, { type: 'order-placed' }>;
export const placed: Placed = { type: 'order-placed', at, data: { ...anOrder, total: eur(3488) } };
export const confirmed: OrderEvent = { type: 'order-confirmed', at, data: {} };
export const cancellationRequested: Extract<OrderEvent, { type: 'cancellation-requested' }> = {
  type: 'cancellation-requested',
  at,
  data: { code: 'CUSTOMER_REQUEST', reason: 'changed my mind', by: 'customer' },
};
export const cancelled: OrderEvent = {
  type: 'order-cancelled',
  at,
  data: { code: 'OUT_OF_STOCK', reason: 'MUG-BLUE: 1 of 2' },
};
export const shipped: OrderEvent = { type: 'order-shipped', at, data: { tracking: 'JD01' } };

/** The input of its saga. */
export const placeData: PlaceOrderData = {
  orderId: 'o1',
  userId: 'u1',
  total: eur(3488),
  lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
  payment: { method: 'card', token: 'tok_visa' },
};
