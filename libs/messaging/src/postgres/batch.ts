import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import type { OutboxEntry } from '../outbox.js';
import { byKind, entriesOf, markOf, type Posted, post, type PendingWork } from '../pending-work.js';
import { Rejected, type WorkKind } from '../work.js';
import { BatchTransaction } from './batch-transaction.js';
import { combine, type Fragment } from './fragment.js';
import { inboxFragment } from './inbox.js';
import { outboxFragment } from './outbox.js';
import type { Plan, WorkAdapter } from './work-adapter.js';

const log = new Logger('Committer');

export type Adapters = ReadonlyMap<WorkKind, WorkAdapter<unknown, unknown>>;

export interface Settled {
  readonly pendingWork: PendingWork;
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
  pendingWorks: readonly PendingWork[],
  adapters: Adapters,
  o: { pool: Pool; service: string; retried: boolean },
): Promise<CommittedBatch> {
  const transaction = new BatchTransaction(o.pool, o.retried);
  const plans: Plan<unknown>[] = [];
  try {
    const results = new Map<PendingWork, unknown>();
    for (const [kind, group] of byKind(pendingWorks, (pendingWork) => pendingWork)) {
      const adapter = adapters.get(kind);
      if (adapter === undefined)
        throw new Error(`${o.service}: no adapter is registered for works of kind ${kind.name}`);
      const plan = await adapter.plan(
        group.map((pendingWork) => pendingWork.work.input),
        transaction,
      );
      plans.push(plan);
      group.forEach((pendingWork, index) => results.set(pendingWork, plan.results[index]));
    }
    const at = new Date().toISOString();
    const settled = pendingWorks.map((pendingWork) => settle(pendingWork, results.get(pendingWork), o.service, at));
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

function settle(pendingWork: PendingWork, result: unknown, service: string, at: string): Settled {
  if (result instanceof Rejected) return { pendingWork, outcome: result };
  const { value, messages } = pendingWork.work.settle(result);
  return {
    pendingWork,
    outcome: { value, posted: messages.map((message) => post(message, service, at, pendingWork)) },
  };
}

const marks = (settled: readonly Settled[]): Fragment =>
  inboxFragment(
    settled.flatMap(({ pendingWork, outcome }) => (outcome instanceof Rejected ? [] : (markOf(pendingWork) ?? []))),
  );
