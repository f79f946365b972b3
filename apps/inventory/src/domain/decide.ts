import { unreachable } from '@seam/kernel';
import type { Line, Receipt, RefusalCode, Reservation, StockChange, StockResult } from './change.js';
import { emptyLevels, move, type StockLevels } from './levels.js';

/** The part of the stock that a change names. */
export interface Stock {
  levels(sku: string): StockLevels | undefined;
  reservation(orderId: string): Reservation | undefined;
  receipt(receiptId: string): Receipt | undefined;
}

/** The result of a change, and what has to be written for it, by SKU, order id and receipt id. */
export interface Decision {
  readonly result: StockResult;
  readonly levels: readonly (readonly [string, StockLevels])[];
  readonly reservation?: readonly [string, Reservation];
  readonly receipt?: readonly [string, Receipt];
}

const done: Decision = { result: { outcome: 'done' }, levels: [] };

type Change<T extends StockChange['type']> = Extract<StockChange, { type: T }>;

/**
 * Decides one change of the stock. A reservation takes every line or none; a repeated change does nothing, and a released
 * order stays released, whichever message arrived first. A reservation that expired is not made again; but if its order
 * was confirmed nevertheless, its sale takes the pieces again if they are available; if they are not, it is refused
 * once, and this never changes.
 */
export function decide(change: StockChange, stock: Stock): Decision {
  switch (change.type) {
    case 'reserve':
      return reserve(change, stock);
    case 'sell':
      return sell(change, stock);
    case 'release':
      return release(change, stock);
    case 'expire':
      return expire(change, stock);
    case 'open':
      return stock.levels(change.sku) === undefined ? { ...done, levels: [[change.sku, emptyLevels]] } : done;
    case 'receive':
      return receive(change, stock);
    case 'correct':
      return correct(change, stock);
    default:
      return unreachable(change);
  }
}

function reserve({ orderId, lines }: Change<'reserve'>, stock: Stock): Decision {
  const known = stock.reservation(orderId);
  if (known?.state === 'released')
    return refuse('RELEASED', `The reservation of order ${orderId} has been released already`);
  if (known?.state === 'expired') return refuse('RELEASED', `The reservation of order ${orderId} has expired`);
  if (known !== undefined) return done;
  const wanted = addUp(lines);
  const missing = missingOf(wanted, stock);
  if (missing !== undefined) return refuse('OUT_OF_STOCK', missing);
  return {
    ...done,
    levels: moveAll(wanted, stock, 'available', 'reserved'),
    reservation: [orderId, { state: 'reserved', lines: wanted }],
  };
}

function sell({ orderId }: Change<'sell'>, stock: Stock): Decision {
  const known = stock.reservation(orderId);
  if (known === undefined || known.state === 'sold' || known.state === 'released') return done;
  const expired = known.state === 'expired';
  const missing = expired ? missingOf(known.lines, stock) : undefined;
  if (missing !== undefined)
    return {
      ...refuse('OUT_OF_STOCK', `The reservation of order ${orderId} had expired when it was confirmed: ${missing}`),
      reservation: [orderId, { ...known, state: 'released' }],
    };
  return {
    ...done,
    levels: moveAll(known.lines, stock, expired ? 'available' : 'reserved', 'sold'),
    reservation: [orderId, { ...known, state: 'sold' }],
  };
}

function release({ orderId }: Change<'release'>, stock: Stock): Decision {
  const known = stock.reservation(orderId) ?? { state: 'reserved', lines: [] };
  if (known.state === 'released') return done;
  return {
    ...done,
    levels: known.state === 'expired' ? [] : moveAll(known.lines, stock, known.state, 'available'),
    reservation: [orderId, { ...known, state: 'released' }],
  };
}

function expire({ orderId }: Change<'expire'>, stock: Stock): Decision {
  const known = stock.reservation(orderId);
  if (known?.state !== 'reserved') return done;
  return {
    ...done,
    levels: moveAll(known.lines, stock, 'reserved', 'available'),
    reservation: [orderId, { ...known, state: 'expired' }],
  };
}

function receive({ receiptId, sku, quantity }: Change<'receive'>, stock: Stock): Decision {
  const known = stock.receipt(receiptId);
  if (known !== undefined) {
    const same = known.sku === sku && known.quantity === quantity && known.correction === undefined;
    return answer(same ? { outcome: 'received', levels: known.levels } : { outcome: 'receipt-reused' });
  }
  const before = stock.levels(sku);
  if (before === undefined) return answer({ outcome: 'unknown-sku' });
  const levels = { ...before, available: before.available + quantity };
  return {
    result: { outcome: 'received', levels },
    levels: [[sku, levels]],
    receipt: [receiptId, { sku, quantity, levels }],
  };
}

function correct({ receiptId, sku, quantity, reason, by }: Change<'correct'>, stock: Stock): Decision {
  const known = stock.receipt(receiptId);
  if (known !== undefined) {
    const same = known.sku === sku && known.quantity === quantity && known.correction?.reason === reason;
    return answer(same ? { outcome: 'corrected', levels: known.levels } : { outcome: 'receipt-reused' });
  }
  const before = stock.levels(sku);
  if (before === undefined) return answer({ outcome: 'unknown-sku' });
  if (before.available < quantity) return answer({ outcome: 'not-available', available: before.available });
  const levels = { ...before, available: before.available - quantity };
  return {
    result: { outcome: 'corrected', levels },
    levels: [[sku, levels]],
    receipt: [receiptId, { sku, quantity, levels, correction: { reason, by } }],
  };
}

const answer = (result: StockResult): Decision => ({ result, levels: [] });

const refuse = (code: RefusalCode, reason: string): Decision => answer({ outcome: 'refused', code, reason });

/** Describes the first line for which too few pieces are available; `undefined` if there are enough for all lines. */
function missingOf(wanted: readonly Line[], stock: Stock): string | undefined {
  const missing = wanted.find(({ sku, quantity }) => (stock.levels(sku)?.available ?? 0) < quantity);
  return missing === undefined ? undefined : shortage(missing, stock.levels(missing.sku));
}

const shortage = ({ sku, quantity }: Line, levels: StockLevels | undefined): string =>
  levels === undefined
    ? `No stock is tracked for ${sku}`
    : `${quantity} of ${sku} requested, ${levels.available} available`;

/** One line per SKU, in the order in which the SKUs first appear. */
export function addUp(lines: readonly Line[]): Line[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return Array.from(quantities, ([sku, quantity]) => ({ sku, quantity }));
}

const moveAll = (
  lines: readonly Line[],
  stock: Stock,
  from: keyof StockLevels,
  to: keyof StockLevels,
): (readonly [string, StockLevels])[] =>
  lines.map(({ sku, quantity }) => [sku, move(stock.levels(sku) ?? emptyLevels, quantity, from, to)]);
