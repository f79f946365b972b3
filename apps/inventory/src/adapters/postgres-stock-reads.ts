import { ConflictError } from '@seam/messaging';
import type { ClientBase } from 'pg';
import type { Line, Receipt, Reservation, StockChange } from '../domain/change.js';
import type { StockSnapshot } from '../domain/ledger.js';
import type { StockLevels } from '../domain/levels.js';

/**
 * The counts of `stock` and `receipt`. Their column `on_hand` holds the available pieces, without the reserved ones: its
 * meaning stays, as during a roll-out processes of an older version read and write the same rows.
 */
export const LEVELS = 'on_hand as available, reserved, sold';

/** Levels as pg returns them: `bigint` comes as a string. */
export interface LevelsRow {
  readonly available: string;
  readonly reserved: string;
  readonly sold: string;
}
type StockRow = LevelsRow & { readonly sku: string };
type ReservationRow = Reservation & { readonly order_id: string };
type ReceiptRow = StockRow & {
  readonly receipt_id: string;
  readonly quantity: string;
  readonly correction_reason: string | null;
  readonly corrected_by: string | null;
};

interface Named {
  readonly orders: readonly string[];
  /** Orders whose lines are known only to their reservations. */
  readonly ended: readonly string[];
  readonly skus: readonly string[];
  readonly receipts: readonly string[];
}

// A change of a reservation locks the stock of all its lines, in the same order in all processes. It is the only lock, so
// concurrent changes wait for each other, and cannot deadlock. Reservations are read under it.
const LOCK_STOCK = `
  select sku, ${LEVELS} from stock
  where sku = any(array(
    select unnest($1::text[])
    union
    select line ->> 'sku' from reservation r cross join jsonb_array_elements(r.lines) line
    where r.order_id = any($2::text[])))
  order by sku for update`;
const READ_RESERVATIONS = `
  select order_id, state, lines from reservation where order_id = any($1::text[])`;
const READ_RECEIPTS = `
  select receipt_id, sku, quantity, ${LEVELS}, correction_reason, corrected_by from receipt
  where receipt_id = any($1::uuid[])`;

/**
 * Locks and reads everything that these changes need, in one round trip with the BEGIN before it. Throws
 * {@link ConflictError} if a reservation was made between its two statements.
 */
export async function readUnderLocks(client: ClientBase, changes: readonly StockChange[]): Promise<StockSnapshot> {
  const { orders, ended, skus, receipts } = named(changes);
  const [stockRows, reservationRows, receiptRows] = await Promise.all([
    read<StockRow>(client, 'seam_stock', LOCK_STOCK, skus, ended),
    read<ReservationRow>(client, 'seam_reservations', READ_RESERVATIONS, orders),
    read<ReceiptRow>(client, 'seam_receipts', READ_RECEIPTS, receipts),
  ]);
  const levels = new Map(stockRows.map((row) => [row.sku, levelsOf(row)]));
  const mayMove = new Set(ended);
  for (const { order_id, lines } of reservationRows) {
    if (mayMove.has(order_id) && lines.some(({ sku }) => !levels.has(sku)))
      throw new ConflictError(`order ${order_id} was reserved while its release was looked up`);
  }
  return {
    levels,
    reservations: new Map(reservationRows.map(({ order_id, state, lines }) => [order_id, { state, lines }])),
    receipts: new Map(receiptRows.map((row) => [row.receipt_id, receiptOf(row)])),
  };
}

/** Sends no query if there is nothing to read. */
async function read<R>(client: ClientBase, name: string, text: string, ...ids: (readonly string[])[]): Promise<R[]> {
  if (ids.every((list) => list.length === 0)) return [];
  const { rows } = await client.query({ name, text, values: ids });
  return rows as R[];
}

export const levelsOf = (row: LevelsRow): StockLevels => ({
  available: Number(row.available),
  reserved: Number(row.reserved),
  sold: Number(row.sold),
});

const receiptOf = (row: ReceiptRow): Receipt => ({
  sku: row.sku,
  quantity: Number(row.quantity),
  levels: levelsOf(row),
  ...(row.correction_reason === null
    ? {}
    : { correction: { reason: row.correction_reason, by: row.corrected_by ?? '' } }),
});

function named(changes: readonly StockChange[]): Named {
  const orders = new Set<string>();
  const ended = new Set<string>();
  const skus = new Set<string>();
  const receipts = new Set<string>();
  for (const change of changes) {
    if ('orderId' in change) orders.add(change.orderId);
    if (change.type === 'sell' || change.type === 'release' || change.type === 'expire') ended.add(change.orderId);
    for (const sku of skusOf(change)) skus.add(sku);
    if ('receiptId' in change) receipts.add(change.receiptId);
  }
  return { orders: [...orders], ended: [...ended], skus: [...skus], receipts: [...receipts] };
}

const skusOf = (change: StockChange): string[] =>
  'sku' in change ? [change.sku] : 'lines' in change ? change.lines.map((line: Line) => line.sku) : [];
