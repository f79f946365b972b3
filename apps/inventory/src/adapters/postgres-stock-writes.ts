import type { Fragment } from '@seam/messaging/postgres';
import type { StockSnapshot } from '../domain/ledger.js';
import type { StockLevels } from '../domain/levels.js';

/**
 * The changes of a batch, as data. New rows are inserted without a conflict clause: if another process was faster, the
 * statement fails and the changes are decided again.
 */
export function writesOf(before: StockSnapshot, after: StockSnapshot): Fragment[] {
  const stock = split(after.levels, before.levels);
  const reservations = split(after.reservations, before.reservations);
  const receipts = split(after.receipts, before.receipts);
  return [
    { sql: updateStock, rows: stock.changed.map(([sku, levels]) => ({ sku, ...columns(levels) })) },
    { sql: insertStock, rows: stock.added.map(([sku, levels]) => ({ sku, ...columns(levels) })) },
    { sql: updateReservations, rows: reservations.changed.map(([order_id, { state }]) => ({ order_id, state })) },
    {
      sql: insertReservations,
      rows: reservations.added.map(([order_id, reservation]) => ({ order_id, ...reservation })),
    },
    {
      sql: insertReceipts,
      rows: receipts.added.map(([id, { levels, correction, sku, quantity }]) => ({
        id,
        sku,
        quantity,
        ...columns(levels),
        correction_reason: correction?.reason,
        corrected_by: correction?.by,
      })),
    },
  ];
}

/** New rows and existing rows, each in the same order in all processes. */
function split<V>(after: ReadonlyMap<string, V>, before: ReadonlyMap<string, V>) {
  const sorted = [...after].sort(([a], [b]) => (a < b ? -1 : 1));
  return { added: sorted.filter(([key]) => !before.has(key)), changed: sorted.filter(([key]) => before.has(key)) };
}

/** By the names of the columns; for the meaning of `on_hand` see `LEVELS`. */
const columns = ({ available, reserved, sold }: StockLevels): object => ({ on_hand: available, reserved, sold });

const updateStock = (parameter: string): string =>
  `update stock s set on_hand = r.on_hand, reserved = r.reserved, sold = r.sold
   from json_to_recordset(${parameter}) as r(sku text, on_hand bigint, reserved bigint, sold bigint)
   where s.sku = r.sku`;

const insertStock = (parameter: string): string =>
  `insert into stock (sku, on_hand, reserved, sold) select sku, on_hand, reserved, sold
   from json_to_recordset(${parameter}) as r(sku text, on_hand bigint, reserved bigint, sold bigint)`;

const updateReservations = (parameter: string): string =>
  `update reservation s set state = r.state, changed_at = now()
   from json_to_recordset(${parameter}) as r(order_id text, state text) where s.order_id = r.order_id`;

const insertReservations = (parameter: string): string =>
  `insert into reservation (order_id, state, lines) select order_id, state, lines
   from json_to_recordset(${parameter}) as r(order_id text, state text, lines jsonb)`;

const insertReceipts = (parameter: string): string =>
  `insert into receipt (receipt_id, sku, quantity, on_hand, reserved, sold, correction_reason, corrected_by)
   select id, sku, quantity, on_hand, reserved, sold, correction_reason, corrected_by
   from json_to_recordset(${parameter}) as r(id uuid, sku text, quantity bigint, on_hand bigint, reserved bigint,
     sold bigint, correction_reason text, corrected_by text)`;
