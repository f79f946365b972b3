import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import type { OutboxEntry } from '../outbox.js';
import { byKind, entriesOf, markOf, type Posted, post, type Ticket } from '../ticket.js';
import { Rejected, type WorkKind } from '../work.js';
import { BatchTransaction } from './batch-transaction.js';
import { combine, type Fragment } from './fragment.js';
import { inboxFragment } from './inbox.js';
import { outboxFragment } from './outbox.js';
import type { Plan, WorkAdapter } from './work-adapter.js';

const log = new Logger('Committer');

export type Adapters = ReadonlyMap<WorkKind, WorkAdapter<unknown, unknown>>;

export interface Settled {
  readonly ticket: Ticket;
  readonly outcome: { readonly value: unknown; readonly posted: readonly Posted[] } | Rejected;
}

export interface CommittedBatch {
  readonly settled: readonly Settled[];
  /** Written, and to be sent now. */
  readonly entries: readonly OutboxEntry[];
}

/**
 * Commits a batch: each kind of work plans its writes for all of its inputs, and one statement makes them all, with
 * the inbox marks and the messages. Rejects with nothing written, unless the connection broke on the way: then that is
 * not known, and the inbox tells.
 */
export async function commitBatch(
  tickets: readonly Ticket[],
  adapters: Adapters,
  o: { pool: Pool; service: string; retried: boolean },
): Promise<CommittedBatch> {
  const transaction = new BatchTransaction(o.pool, o.retried);
  const plans: Plan<unknown>[] = [];
  try {
    const results = new Map<Ticket, unknown>();
    for (const [kind, group] of byKind(tickets, (ticket) => ticket)) {
      const adapter = adapters.get(kind);
      if (adapter === undefined)
        throw new Error(`${o.service}: no adapter is registered for works of kind ${kind.name}`);
      const plan = await adapter.plan(
        group.map((ticket) => ticket.work.input),
        transaction,
      );
      plans.push(plan);
      group.forEach((ticket, index) => results.set(ticket, plan.results[index]));
    }
    const at = new Date().toISOString();
    const settled = tickets.map((ticket) => settle(ticket, results.get(ticket), o.service, at));
    const entries = entriesOf(settled.flatMap(({ outcome }) => (outcome instanceof Rejected ? [] : outcome.posted)));
    const writes = [...plans.flatMap((plan) => plan.writes), marks(settled), outboxFragment(entries)];
    await transaction.commit(combine(writes));
    tell(plans);
    return { settled, entries };
  } catch (error) {
    for (const plan of plans) plan.aborted?.();
    await transaction.rollback();
    throw error;
  }
}

/** The commit stands, whatever those who are told of it make of it: their error must not make anyone try it again. */
function tell(plans: readonly Plan<unknown>[]): void {
  for (const plan of plans) {
    try {
      plan.committed?.();
    } catch (error) {
      log.error(`committed, and then: ${String(error)}`);
    }
  }
}

function settle(ticket: Ticket, result: unknown, service: string, at: string): Settled {
  if (result instanceof Rejected) return { ticket, outcome: result };
  const { value, messages } = ticket.work.settle(result);
  return { ticket, outcome: { value, posted: messages.map((message) => post(message, service, at, ticket)) } };
}

const marks = (settled: readonly Settled[]): Fragment =>
  inboxFragment(settled.flatMap(({ ticket, outcome }) => (outcome instanceof Rejected ? [] : (markOf(ticket) ?? []))));
