import type { Fragment } from '@seam/messaging/postgres';
import type { ChangeRow, EventRow, PaymentRow } from './payment-row.js';

const types = {
  order_id: 'text',
  user_id: 'text',
  state: 'text',
  amount: 'bigint',
  refunded: 'bigint',
  refunded_by: 'text',
  currency: 'text',
  token: 'text',
  failure_code: 'text',
  failure_reason: 'text',
  attempts: 'integer',
  tries: 'integer',
  turn: 'integer',
  due: 'boolean',
  charge_asker: 'json',
  refund_asker: 'json',
} as const satisfies Record<keyof PaymentRow, string>;

const columns = Object.keys(types);
export const COLUMNS = columns.join(', ');
const record = Object.entries(types)
  .map(([column, type]) => `${column} ${type}`)
  .join(', ');
const fromRows = (parameter: string): string => `from json_to_recordset(${parameter}) as r(${record})`;

/** New payments. One that is there already fails the statement with a conflict, and is then decided about again. */
export const insertPayments = (rows: readonly PaymentRow[]): Fragment => ({
  sql: (parameter) => `insert into payment (${COLUMNS}) select ${COLUMNS} ${fromRows(parameter)}`,
  rows,
});

/** Payments that this transaction has locked. */
export const updatePayments = (rows: readonly PaymentRow[]): Fragment => ({
  sql: (parameter) =>
    `update payment set (${COLUMNS}, changed_at) = (${columns.map((column) => `r.${column}`).join(', ')}, now())
     ${fromRows(parameter)} where payment.order_id = r.order_id`,
  rows,
});

/** How payments changed that were known before: with them, or not at all. */
export const insertChanges = (rows: readonly ChangeRow[]): Fragment => ({
  sql: (parameter) =>
    `insert into payment_change (order_id, cause, from_state, to_state, refunded)
     select order_id, cause, from_state, to_state, refunded
     from json_to_recordset(${parameter}) as r(order_id text, cause text, from_state text, to_state text, refunded bigint)`,
  rows,
});

const EVENT = 'provider, id, type, order_id, body';
const fromEvents = (parameter: string): string =>
  `select ${EVENT} from json_to_recordset(${parameter}) as r(provider text, id text, type text, order_id text, body json)`;

/** The provider's events received; a race for one is lost with a conflict. */
export const insertEvents = (rows: readonly EventRow[]): Fragment => ({
  sql: (parameter) => `insert into webhook_event (${EVENT}) ${fromEvents(parameter)}`,
  rows,
});

/** Events that nothing else depends on: one that is there stays as it is. */
export const keepEvents = (rows: readonly EventRow[]): Fragment => ({
  sql: (parameter) => `insert into webhook_event (${EVENT}) ${fromEvents(parameter)} on conflict do nothing`,
  rows,
});
