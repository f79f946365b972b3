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
  sealed_token: 'text',
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

/** Inserts new payments. One that exists already fails the statement with a conflict, and is then decided again. */
export const insertPayments = (rows: readonly PaymentRow[]): Fragment => ({
  sql: (parameter) => `insert into payment (${COLUMNS}) select ${COLUMNS} ${fromRows(parameter)}`,
  rows,
});

/** Updates payments that this transaction has locked. */
export const updatePayments = (rows: readonly PaymentRow[]): Fragment => ({
  sql: (parameter) =>
    `update payment set (${COLUMNS}, changed_at) = (${columns.map((column) => `r.${column}`).join(', ')}, now())
     ${fromRows(parameter)} where payment.order_id = r.order_id`,
  rows,
});

/** Inserts the changes of payments that existed before, in the same transaction. */
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

/** Inserts received events of the provider; if another transaction inserts the same event first, it is a conflict. */
export const insertEvents = (rows: readonly EventRow[]): Fragment => ({
  sql: (parameter) => `insert into webhook_event (${EVENT}) ${fromEvents(parameter)}`,
  rows,
});

/** Inserts events that nothing else depends on: one that exists already is left unchanged. */
export const keepEvents = (rows: readonly EventRow[]): Fragment => ({
  sql: (parameter) => `insert into webhook_event (${EVENT}) ${fromEvents(parameter)} on conflict do nothing`,
  rows,
});
