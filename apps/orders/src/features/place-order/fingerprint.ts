import type { OrderLine, PaymentMethod } from '@seam/contracts';
import { createHash } from 'node:crypto';
import type { Order } from '../../domain/order.js';

/**
 * Tells whether two requests ask for the same, in whatever order; the card's token is only in it as a hash. Orders of
 * 0.1.0 have one that went by the order of their items: a request that asks for such an order again is given that.
 */
export function fingerprintFor(order: Order, items: readonly OrderLine[], payment: PaymentMethod): string {
  const older = fingerprintInOrder(order, items, payment);
  return order.fingerprint === older ? older : fingerprintOf(items, payment);
}

function fingerprintOf(items: readonly OrderLine[], { method, token }: PaymentMethod): string {
  const bySku = items.map(({ sku, quantity }) => [sku, quantity] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return hash([bySku, method, token]);
}

/** As if the items had come in the order of the lines that are there. */
function fingerprintInOrder({ lines }: Order, items: readonly OrderLine[], { method, token }: PaymentMethod): string {
  const places = new Map(lines.map(({ sku }, index) => [sku, index]));
  const place = ({ sku }: OrderLine): number => places.get(sku) ?? lines.length;
  const inOrder = items.map(({ sku, quantity }) => ({ sku, quantity })).sort((a, b) => place(a) - place(b));
  return hash([inOrder, { method, token }]);
}

const hash = (what: unknown): string => createHash('sha256').update(JSON.stringify(what)).digest('base64url');
