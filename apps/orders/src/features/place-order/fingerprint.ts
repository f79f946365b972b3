import type { OrderLine, PaymentMethod } from '@seam/contracts';
import { createHash } from 'node:crypto';
import type { Order } from '../../domain/order.js';

/**
 * Distinguishes different requests, whatever the order of their items; the card's token is included only as a hash.
 * Orders of version 0.1.0 have a fingerprint that depends on the order of their items: a repeated request for such an
 * order gets a fingerprint of the same kind.
 */
export function fingerprintFor(order: Order, items: readonly OrderLine[], payment: PaymentMethod): string {
  const older = fingerprintInOrder(order, items, payment);
  return order.fingerprint === older ? older : fingerprintOf(items, payment);
}

function fingerprintOf(items: readonly OrderLine[], { method, token }: PaymentMethod): string {
  const bySku = items.map(({ sku, quantity }) => [sku, quantity] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return hash([bySku, method, token]);
}

/** The fingerprint of a request whose items are in the same order as the order's lines. */
function fingerprintInOrder({ lines }: Order, items: readonly OrderLine[], { method, token }: PaymentMethod): string {
  const places = new Map(lines.map(({ sku }, index) => [sku, index]));
  const place = ({ sku }: OrderLine): number => places.get(sku) ?? lines.length;
  const inOrder = items.map(({ sku, quantity }) => ({ sku, quantity })).sort((a, b) => place(a) - place(b));
  return hash([inOrder, { method, token }]);
}

const hash = (what: unknown): string => createHash('sha256').update(JSON.stringify(what)).digest('base64url');
