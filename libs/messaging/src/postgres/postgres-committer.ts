import type { Cause } from '../committer.js';
import { isConflict } from '../errors.js';
import { GroupCommitter, type GroupCommitterOptions } from '../group-committer.js';
import type { PendingWork } from '../pending-work.js';
import { Rejected, SendingKind, type WorkKind } from '../work.js';
import { type PlannedBatch, planBatch } from './batch.js';
import { type BatchDatabase, BatchTransaction } from './batch-transaction.js';
import { isDefinite, isDuplicateMark, translateConflict } from './errors.js';
import { Inbox } from './inbox.js';
import { transactionAdapter, TransactionKind, type WorkAdapter } from './work-adapter.js';

export interface PostgresCommitterOptions extends GroupCommitterOptions {
  readonly database: BatchDatabase;
  /**
   * Minimum length of a commit's messages, in characters of JSON, from which they are stored compressed. Default: the
   * length that does not fit into a row any more.
   */
  readonly packedFrom?: number | undefined;
}

const CONFLICT_ATTEMPTS = 8;

/**
 * Group commit on PostgreSQL: a batch is one transaction. If it fails, nothing of it was written, and each of its works is
 * tried alone.
 */
export class PostgresCommitter extends GroupCommitter {
  readonly #adapters = new Map<WorkKind, WorkAdapter<unknown, unknown>>();
  readonly #inbox: Inbox;

  constructor(private readonly options: PostgresCommitterOptions) {
    super(options);
    this.#inbox = new Inbox(options.database.pool);
    this.register(TransactionKind, transactionAdapter);
    this.register(SendingKind, { plan: (inputs) => Promise.resolve({ results: inputs, writes: [] }) });
  }

  /** Registers the adapter for works of this kind; adapters call it in their constructors. */
  register<I, R>(kind: WorkKind<I, R>, adapter: WorkAdapter<I, R>): void {
    this.#adapters.set(kind, adapter);
  }

  protected override async write(batch: readonly PendingWork[]): Promise<void> {
    let committed: PlannedBatch;
    try {
      committed = await this.#attempt(batch, false);
    } catch (error) {
      if (!isDefinite(error)) this.rejectAll(batch, error);
      else for (const one of await this.unseen(batch)) await this.#alone(one);
      return;
    }
    await this.#answer(committed);
  }

  protected override seen(causes: readonly Cause[]): Promise<ReadonlySet<string>> {
    return this.#inbox.seen(causes);
  }

  protected override isDefinite(error: unknown): boolean {
    return isDefinite(error);
  }

  /**
   * Rejects if nothing was written, or if the connection broke: then the result is unknown until the inbox is read.
   */
  async #attempt(batch: readonly PendingWork[], retried: boolean): Promise<PlannedBatch> {
    const { database, service, packedFrom } = this.options;
    const transaction = new BatchTransaction(database, retried);
    let planned: PlannedBatch | undefined;
    try {
      planned = await planBatch(batch, this.#adapters, { service, transaction, packedFrom });
      await transaction.commit(planned.statement, planned.last);
    } catch (error) {
      planned?.aborted();
      await transaction.rollback();
      throw error;
    }
    planned.committed();
    return planned;
  }

  /** Commits one work alone, and decides it again after each conflict; any other error is the work's own. */
  async #alone(one: PendingWork): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#answer(await this.#attempt([one], true));
        return;
      } catch (thrown) {
        if (isDuplicateMark(thrown)) {
          one.resolve({ status: 'duplicate' });
          return;
        }
        const error = translateConflict(thrown);
        if (!isConflict(error) || attempt === CONFLICT_ATTEMPTS) {
          this.rejectAll([one], error);
          return;
        }
      }
    }
  }

  async #answer({ settled, entries }: PlannedBatch): Promise<void> {
    const rejected = new Map<PendingWork, unknown>();
    for (const { pendingWork, outcome } of settled) {
      if (outcome instanceof Rejected) {
        rejected.set(pendingWork, outcome.error);
        continue;
      }
      pendingWork.resolve({
        status: 'done',
        value: outcome.value,
        ids: outcome.posted.map(({ message }) => message.id),
      });
    }
    this.handOver(entries);
    await this.refuse(rejected);
  }
}
