import { Injectable } from '@nestjs/common';
import { Database } from '@seam/persistence/postgres';
import { PAYMENT_STATES, type Payment, type PaymentState } from '../domain/payment.js';
import { type ListedPayment, type PaymentHistoryEntry, Payments, type PaymentSearch } from '../ports/payments.js';
import { type ChangeRow, type EventRow, type PaymentRow, toPayment } from './payment-row.js';
import { COLUMNS } from './payment-sql.js';

type ListedRow = PaymentRow & { readonly number: string; readonly created_at: Date; readonly changed_at: Date };

@Injectable()
export class PostgresPayments extends Payments {
  constructor(private readonly database: Database) {
    super();
  }

  override async find(orderId: string): Promise<Payment | undefined> {
    const text = `select ${COLUMNS} from payment where order_id = $1`;
    const [row] = await this.database.prepared<PaymentRow>('payments_find', text, [orderId]);
    return row && toPayment(row);
  }

  override async list(search: PaymentSearch): Promise<ListedPayment[]> {
    const rows = await this.database.query<ListedRow>(LIST, [
      search.states ?? PAYMENT_STATES,
      search.tried ?? null,
      search.userId ?? null,
      search.currency ?? null,
      search.minAmount ?? null,
      search.maxAmount ?? null,
      search.from ?? null,
      search.to ?? null,
      search.before ?? null,
      search.limit,
    ]);
    return rows.map((row) => ({
      payment: toPayment(row),
      number: Number(row.number),
      createdAt: row.created_at,
      changedAt: row.changed_at,
    }));
  }

  override async history(orderId: string): Promise<PaymentHistoryEntry[]> {
    const [known, changes, events] = await Promise.all([
      this.database.query<{ at: Date; state: PaymentState }>(KNOWN, [orderId]),
      this.database.query<Omit<ChangeRow, 'refunded'> & { refunded: string; at: Date }>(CHANGES, [orderId]),
      this.database.query<EventRow & { at: Date }>(EVENTS, [orderId]),
    ]);
    const entries: PaymentHistoryEntry[] = [
      ...known.map(({ at, state }) => ({ type: 'known' as const, at, state })),
      ...events.map(({ at, provider, id, type, body }) => ({
        type: 'provider-event' as const,
        at,
        event: { provider, id, type, body },
      })),
      ...changes.map(({ at, cause, from_state, to_state, refunded }) => ({
        type: 'changed' as const,
        at,
        cause,
        from: from_state,
        to: to_state,
        refunded: Number(refunded),
      })),
    ];
    return entries.sort((a, b) => a.at.getTime() - b.at.getTime());
  }
}

const LIST = `
  select ${COLUMNS}, number, created_at, changed_at from payment
  where amount is not null
    and state = any($1) and ($2::boolean is null or state <> 'unknown' or (attempts > 0) = $2)
    and ($3::text is null or user_id = $3) and ($4::text is null or currency = $4)
    and ($5::bigint is null or amount >= $5) and ($6::bigint is null or amount <= $6)
    and ($7::timestamptz is null or created_at >= $7) and ($8::timestamptz is null or created_at < $8)
    and ($9::bigint is null or number < $9)
  order by number desc limit $10`;

// The state before the first change is the state in which the payment was created.
const KNOWN = `
  select created_at as at,
    coalesce((select from_state from payment_change c where c.order_id = p.order_id order by id limit 1), state) as state
  from payment p where order_id = $1`;

const CHANGES = `
  select order_id, cause, from_state, to_state, refunded, at from payment_change where order_id = $1 order by id`;

// Events received by older versions, which did not store them completely, have neither type nor order.
const EVENTS = `
  select provider, id, type, order_id, body, received_at as at from webhook_event where order_id = $1
  order by received_at, id`;
