import type { RedisWrite } from '@seam/messaging/redis';
import type { StockSnapshot } from '../domain/ledger.js';
import { levelsText, receiptText, reservationText, type StockKeys } from './redis-stock-keys.js';

/** How long a message may be delayed: releases are kept that long, so that a late reservation is refused. */
const KEEP_RELEASED_MS = 7 * 24 * 3_600_000;

/** The changes of a batch, as data. */
export function writesOf(before: StockSnapshot, after: StockSnapshot, keys: StockKeys, at: number): RedisWrite[] {
  const writes: RedisWrite[] = [];
  for (const [sku, levels] of after.levels) {
    writes.push({ type: 'set', key: keys.levels(sku), value: levelsText(levels) });
    if (!before.levels.has(sku)) writes.push({ type: 'add', key: keys.skus, score: 0, member: sku });
  }
  for (const [orderId, reservation] of after.reservations) {
    const set = { type: 'set', key: keys.reservation(orderId), value: reservationText(reservation) } as const;
    writes.push(reservation.state === 'released' ? { ...set, expiresInMs: KEEP_RELEASED_MS } : set);
    writes.push(
      reservation.state === 'reserved'
        ? { type: 'add', key: keys.reserved, score: at, member: orderId }
        : { type: 'remove', key: keys.reserved, member: orderId },
    );
  }
  for (const [receiptId, receipt] of after.receipts)
    writes.push({ type: 'set', key: keys.receipt(receiptId), value: receiptText(receipt) });
  return writes;
}
