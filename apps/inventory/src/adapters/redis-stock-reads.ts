import type { RedisValues } from '@seam/messaging/redis';
import type { StockChange } from '../domain/change.js';
import type { StockSnapshot } from '../domain/ledger.js';
import { levelsOf, receiptOf, reservationOf, type StockKeys } from './redis-stock-keys.js';

interface Named {
  readonly skus: Set<string>;
  readonly orders: Set<string>;
  readonly receipts: Set<string>;
}

/** The keys of everything that these changes depend on. */
export function readsOf(changes: readonly StockChange[], known: RedisValues, keys: StockKeys): string[] {
  const { skus, orders, receipts } = named(changes, known, keys);
  return [
    ...Array.from(skus, (sku) => keys.levels(sku)),
    ...Array.from(orders, (orderId) => keys.reservation(orderId)),
    ...Array.from(receipts, (receiptId) => keys.receipt(receiptId)),
  ];
}

/** The known values, as the domain's snapshot. */
export function snapshotOf(changes: readonly StockChange[], known: RedisValues, keys: StockKeys): StockSnapshot {
  const { skus, orders, receipts } = named(changes, known, keys);
  const present = <T>(
    ids: Iterable<string>,
    keyOf: (id: string) => string,
    read: (text: string) => T,
  ): Map<string, T> => {
    const found = new Map<string, T>();
    for (const id of ids) {
      const text = known.get(keyOf(id));
      if (typeof text === 'string') found.set(id, read(text));
    }
    return found;
  };
  return {
    levels: present(skus, (sku) => keys.levels(sku), levelsOf),
    reservations: present(orders, (orderId) => keys.reservation(orderId), reservationOf),
    receipts: present(receipts, (receiptId) => keys.receipt(receiptId), receiptOf),
  };
}

/** The SKUs of a sale or release are known only from the reservation: added once that is read. */
function named(changes: readonly StockChange[], known: RedisValues, keys: StockKeys): Named {
  const all: Named = { skus: new Set(), orders: new Set(), receipts: new Set() };
  for (const change of changes) {
    if ('orderId' in change) all.orders.add(change.orderId);
    if ('sku' in change) all.skus.add(change.sku);
    if ('receiptId' in change) all.receipts.add(change.receiptId);
    for (const { sku } of linesOf(change, known, keys)) all.skus.add(sku);
  }
  return all;
}

function linesOf(change: StockChange, known: RedisValues, keys: StockKeys): readonly { readonly sku: string }[] {
  if ('lines' in change) return change.lines;
  const text = 'orderId' in change ? known.get(keys.reservation(change.orderId)) : undefined;
  return typeof text === 'string' ? reservationOf(text).lines : [];
}
