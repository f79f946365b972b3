import type { Fragment } from '@seam/messaging';
import type { PaymentRow } from './payment-row.js';

const types = {
  order_id: 'text',
  user_id: 'text',
  state: 'text',
  amount: 'bigint',
  refunded: 'bigint',
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

/** The provider's events received; a race for one is lost with a conflict. */
export const insertEvents = (events: readonly { provider: string; id: string }[]): Fragment => ({
  sql: (parameter) =>
    `insert into webhook_event (provider, id)
     select provider, id from json_to_recordset(${parameter}) as r(provider text, id text)`,
  rows: events,
});
