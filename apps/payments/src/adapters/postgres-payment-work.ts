import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { type BatchContext, type Plan, PostgresCommitter, type WorkAdapter } from '@seam/messaging/postgres';
import { decide, type Decision } from '../domain/decide.js';
import type { Payment } from '../domain/payment.js';
import { type PaymentChange, PaymentKind, type ProviderEvent } from '../ports/payments.js';
import { type ChangeRow, type EventRow, type PaymentRow, toEventRow, toPayment, toRow } from './payment-row.js';
import { COLUMNS, insertChanges, insertEvents, insertPayments, updatePayments } from './payment-sql.js';

/**
 * Payments in PostgreSQL. A batch of nothing but first charges is one statement: it assumes that no payment is there yet,
 * and if that is wrong, the primary key refuses it, the committer tries each alone, and the row is read under its lock.
 */
@Injectable()
export class PostgresPaymentWork implements WorkAdapter<PaymentChange, Decision> {
  constructor(committer: PostgresCommitter) {
    committer.register(PaymentKind, this);
  }

  async plan(changes: readonly PaymentChange[], batch: BatchContext): Promise<Plan<Decision>> {
    const assumedNew = !batch.retried && changes.every(isFirstCharge);
    const stored = assumedNew ? new Map<string, Payment>() : await locked(changes, batch);
    const seen = await seenEvents(changes, batch);
    const now = new Map<string, Payment>(stored);
    const events: EventRow[] = [];
    const moves: ChangeRow[] = [];
    const results = changes.map((change) => {
      if (change.event !== undefined) {
        if (seen.has(eventKey(change.event))) return { answers: [] };
        seen.add(eventKey(change.event));
        events.push(toEventRow(change.event, change.orderId));
      }
      const before = now.get(change.orderId);
      const decision = decide(before, change);
      moves.push(...moveOf(before, decision.payment, change));
      if (decision.payment !== undefined) now.set(change.orderId, decision.payment);
      return decision;
    });
    return { results, writes: [...paymentWrites(stored, now), insertChanges(moves), insertEvents(events)] };
  }
}

const isFirstCharge = (change: PaymentChange): boolean =>
  change.type === 'charge-ordered' && change.providerResult !== undefined;

/**
 * Reads the payments of these changes and locks them until the commit; always in the same order, so without deadlocks.
 */
async function locked(changes: readonly PaymentChange[], batch: BatchContext): Promise<Map<string, Payment>> {
  const client = await batch.transaction();
  const { rows } = await client.query<PaymentRow>({
    name: 'payments_lock',
    text: `select ${COLUMNS} from payment where order_id = any($1) order by order_id for update`,
    values: [changes.map(({ orderId }) => orderId)],
  });
  return new Map(rows.map((row) => [row.order_id, toPayment(row)]));
}

/**
 * The history entry of a change: a new state, or a larger refund. None for the first state, which the payment's row
 * has.
 */
function moveOf(
  before: Payment | undefined,
  after: Payment | undefined,
  { orderId, type }: PaymentChange,
): ChangeRow[] {
  if (before === undefined || after === undefined) return [];
  const refunded = after.refunded?.amount ?? 0;
  if (before.state === after.state && refunded === (before.refunded?.amount ?? 0)) return [];
  return [{ order_id: orderId, cause: type, from_state: before.state, to_state: after.state, refunded }];
}

async function seenEvents(changes: readonly PaymentChange[], batch: BatchContext): Promise<Set<string>> {
  const events = changes.flatMap(({ event }) => (event === undefined ? [] : [event]));
  if (events.length === 0) return new Set();
  const client = await batch.transaction();
  const { rows } = await client.query<Pick<ProviderEvent, 'provider' | 'id'>>({
    name: 'payments_seen_events',
    text: 'select provider, id from webhook_event where id = any($1)',
    values: [events.map(({ id }) => id)],
  });
  return new Set(rows.map(eventKey));
}

const eventKey = ({ provider, id }: Pick<ProviderEvent, 'provider' | 'id'>): string => `${provider} ${id}`;

function paymentWrites(stored: ReadonlyMap<string, Payment>, now: ReadonlyMap<string, Payment>) {
  const inserts: PaymentRow[] = [];
  const updates: PaymentRow[] = [];
  for (const [orderId, payment] of now) {
    const before = stored.get(orderId);
    if (before === undefined) inserts.push(toRow(payment));
    else if (!isDeepStrictEqual(before, payment)) updates.push(toRow(payment));
  }
  return [insertPayments(inserts), updatePayments(updates)];
}
