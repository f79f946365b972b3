import { type Backoff, backoffMs, pause } from '@seam/kernel';
import { GroupCommitter } from './group-committer.js';
import type { OutboxEntry } from './outbox.js';
import type { PendingWork } from './pending-work.js';

/** A work to be decided and written now. */
export interface Try {
  readonly pendingWork: PendingWork;
  /** It has conflicted before, so earlier assumptions may be wrong. */
  readonly retried: boolean;
}

/** The result of one work, independent of the others of its batch. */
export type AttemptResult =
  /** Durable, with its mark and these messages. */
  | { readonly status: 'done'; readonly value: unknown; readonly entries: readonly OutboxEntry[] }
  /** Its message has a mark already; nothing was written. */
  | { readonly status: 'duplicate' }
  /** The state that it was decided on has changed; nothing was written. */
  | { readonly status: 'conflict'; readonly error: unknown }
  /** Not tried: it depends on a change of another work of its batch. Never all works of a batch. */
  | { readonly status: 'later' }
  /** Refused by its own decision or by the store, with an error for its caller; nothing was written. */
  | { readonly status: 'refused'; readonly error: unknown }
  /** The store did not answer, so it is unknown whether it was written. */
  | { readonly status: 'unknown'; readonly error: unknown };

const CONFLICT_ATTEMPTS = 20;
/** Between rounds of works that conflict again; fully random, so that the same works do not conflict once more. */
const BACKOFF: Backoff = { firstMs: 4, longestMs: 50, jitter: 1 };

/**
 * Group commit on engines where each work is atomic by itself, and a batch only shares the round trips: one read for all its
 * works, and one write for all their results. A work that conflicts is decided again in the next round.
 */
export abstract class WorkwiseCommitter extends GroupCommitter {
  /** Decides and writes these works; one result for each, in their order. Rejects if the store did not answer. */
  protected abstract attempt(tries: readonly Try[]): Promise<readonly AttemptResult[]>;

  protected override async write(batch: readonly PendingWork[]): Promise<void> {
    const conflicts = new Map<PendingWork, number>();
    let left = batch;
    while (left.length > 0) {
      try {
        left = await this.#round(left, conflicts);
      } catch (error) {
        this.rejectAll(left, error);
        return;
      }
      const most = Math.max(0, ...left.map((pendingWork) => conflicts.get(pendingWork) ?? 0));
      if (most > 1) await pause(backoffMs(BACKOFF, most - 1));
    }
  }

  /** Resolves with the works to be retried. */
  async #round(
    pendingWorks: readonly PendingWork[],
    conflicts: Map<PendingWork, number>,
  ): Promise<readonly PendingWork[]> {
    const outcomes = await this.attempt(
      pendingWorks.map((pendingWork) => ({ pendingWork, retried: conflicts.has(pendingWork) })),
    );
    const again: PendingWork[] = [];
    const entries: OutboxEntry[] = [];
    const refused = new Map<PendingWork, unknown>();
    for (const [index, pendingWork] of pendingWorks.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error('a work has no outcome');
      if (outcome.status === 'done') {
        entries.push(...outcome.entries);
        const ids = outcome.entries.flatMap(({ messages }) => messages.map(({ id }) => id));
        pendingWork.resolve({ status: 'done', value: outcome.value, ids });
      } else if (outcome.status === 'duplicate') pendingWork.resolve(outcome);
      else if (outcome.status === 'refused') refused.set(pendingWork, outcome.error);
      else if (outcome.status === 'unknown') this.rejectAll([pendingWork], outcome.error);
      else if (outcome.status === 'later') again.push(pendingWork);
      else if (countUp(conflicts, pendingWork) < CONFLICT_ATTEMPTS) again.push(pendingWork);
      else refused.set(pendingWork, outcome.error);
    }
    this.handOver(entries);
    await this.refuse(refused);
    return again;
  }
}

function countUp<K>(counts: Map<K, number>, key: K): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}
