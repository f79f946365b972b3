import { Logger } from '@nestjs/common';
import type { OutboxEntry } from '../outbox.js';
import {
  byKind,
  combineMessages,
  type CommitMessages,
  entriesOf,
  markOf,
  post,
  type PendingWork,
} from '../pending-work.js';
import { Rejected, type WorkKind } from '../work.js';
import { combine, type Fragment, type Statement } from './fragment.js';
import { inboxFragment } from './inbox.js';
import { lastStatement } from './last-statement.js';
import { outboxFragments } from './outbox.js';
import { type BatchContext, type Plan, TransactionKind, type WorkAdapter } from './work-adapter.js';

const log = new Logger('Committer');

export type Adapters = ReadonlyMap<WorkKind, WorkAdapter<unknown, unknown>>;

export interface Settled {
  readonly pendingWork: PendingWork;
  readonly outcome: ({ readonly value: unknown } & CommitMessages) | Rejected;
}

/** A batch that is decided, but not written yet. */
export interface PlannedBatch {
  /** Its writes: changes, inbox marks and outbox rows; undefined if there is nothing to write. */
  readonly statement: Statement | undefined;
  /** To be executed after the statement. */
  readonly last: Statement | undefined;
  readonly settled: readonly Settled[];
  /** The messages that are written with it and must be sent after that. */
  readonly entries: readonly OutboxEntry[];
  /** Called when the statement is durable. */
  committed(): void;
  /** Called when it is not durable, or when that is unknown. */
  aborted(): void;
}

/** Lets each kind of work plan its writes for all its inputs, and combines them with marks and messages into one statement. */
export async function planBatch(
  pendingWorks: readonly PendingWork[],
  adapters: Adapters,
  { service, transaction, packedFrom }: { service: string; transaction: BatchContext; packedFrom?: number | undefined },
): Promise<PlannedBatch> {
  const plans: Plan<unknown>[] = [];
  const aborted = (): void => plans.forEach((plan) => plan.aborted?.());
  try {
    const results = new Map<PendingWork, unknown>();
    const groups = byKind(pendingWorks, (pendingWork) => pendingWork);
    if (groups.has(TransactionKind)) await transaction.entities(); // Before an adapter of another kind begins the transaction.
    for (const [kind, group] of groups) {
      const adapter = adapters.get(kind);
      if (adapter === undefined) throw new Error(`${service}: no adapter is registered for works of kind ${kind.name}`);
      const plan = await adapter.plan(
        group.map((pendingWork) => pendingWork.work.input),
        transaction,
        group.map(({ origin }) => origin),
      );
      plans.push(plan);
      group.forEach((pendingWork, index) => results.set(pendingWork, plan.results[index]));
    }
    const at = new Date().toISOString();
    const settled = pendingWorks.map((pendingWork) => settle(pendingWork, results.get(pendingWork), service, at));
    const { posted, cancels } = combineMessages(
      settled.flatMap(({ outcome }) => (outcome instanceof Rejected ? [] : outcome)),
    );
    const entries = entriesOf(posted);
    const statement = combine([
      ...plans.flatMap((plan) => plan.writes),
      marks(settled),
      ...outboxFragments(entries, packedFrom),
    ]);
    return {
      statement,
      last: lastStatement(entries, cancels),
      settled,
      entries,
      committed: () => notifyCommitted(plans),
      aborted,
    };
  } catch (error) {
    aborted();
    throw error;
  }
}

/** Notifies about a commit that is final: an error of a listener must not cause a retry of the commit. */
function notifyCommitted(plans: readonly Plan<unknown>[]): void {
  for (const plan of plans) {
    try {
      plan.committed?.();
    } catch (error) {
      log.error(`the commit succeeded, but a listener failed after it: ${String(error)}`);
    }
  }
}

function settle(pendingWork: PendingWork, result: unknown, service: string, at: string): Settled {
  if (result instanceof Rejected) return { pendingWork, outcome: result };
  const { value, messages, cancels = [] } = pendingWork.work.settle(result);
  return {
    pendingWork,
    outcome: { value, posted: messages.map((message) => post(message, service, at, pendingWork)), cancels },
  };
}

const marks = (settled: readonly Settled[]): Fragment =>
  inboxFragment(
    settled.flatMap(({ pendingWork, outcome }) => (outcome instanceof Rejected ? [] : (markOf(pendingWork) ?? []))),
  );
