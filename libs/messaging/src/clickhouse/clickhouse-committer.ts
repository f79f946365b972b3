import { newId } from '@seam/kernel';
import type { ClickHouseDatabase } from '@seam/persistence/clickhouse';
import { StoreAwayError } from '@seam/persistence';
import { GroupCommitter, type GroupCommitterOptions } from '../group-committer.js';
import type { PendingWork } from '../pending-work.js';
import type { WorkKind } from '../work.js';

export interface ClickHouseCommitterOptions extends GroupCommitterOptions {
  readonly database: ClickHouseDatabase;
}

/** How ClickHouse stores one kind of fact: as a row, which is the same for the same input. */
export interface ClickHouseWorkAdapter<I> {
  /**
   * A ReplacingMergeTree. Its sorting key and partition are derived from the row, and the key ends in `message_id` and
   * `handler`: so all rows of one message appear as one row in queries with `final`.
   */
  readonly table: string;
  /** Without `message_id` and `handler`, which the committer adds. */
  row(input: I): Readonly<Record<string, unknown>>;
}

/**
 * Group commit on ClickHouse, for works that only record facts: waiting works share one insert. There are no inbox marks: a
 * repeated message writes the same row again. So `handle` answers `done` for a duplicate, too, and a work that sends
 * messages is refused, because it could send them twice.
 */
export class ClickHouseCommitter extends GroupCommitter {
  readonly #adapters = new Map<WorkKind, ClickHouseWorkAdapter<unknown>>();

  constructor(private readonly options: ClickHouseCommitterOptions) {
    super({ ...options, batchLimit: options.batchLimit ?? 10_000 });
  }

  /** Registers how works of this kind are stored; adapters call it in their constructors. */
  register<I>(kind: WorkKind<I>, adapter: ClickHouseWorkAdapter<I>): void {
    this.#adapters.set(kind, adapter);
  }

  protected override async write(batch: readonly PendingWork[]): Promise<void> {
    try {
      const values = new Map(batch.map((pendingWork) => [pendingWork, this.#valueOf(pendingWork)]));
      for (const [table, rows] of this.#rows(batch)) await this.options.database.insert(table, rows);
      for (const [pendingWork, value] of values) pendingWork.resolve({ status: 'done', value, ids: [] });
    } catch (error) {
      // Rows that were already inserted are inserted again unchanged.
      if (!this.isDefinite(error) || batch.length === 1) this.rejectAll(batch, error);
      else for (const one of batch) await this.write([one]);
    }
  }

  protected override seen(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set());
  }

  protected override isDefinite(error: unknown): boolean {
    return !(error instanceof StoreAwayError);
  }

  #valueOf({ work }: PendingWork): unknown {
    const { value, messages, cancels = [] } = work.settle(undefined);
    if (messages.length + cancels.length > 0)
      throw new Error(`${this.options.service}: on ClickHouse a work cannot send messages`);
    return value;
  }

  #rows(batch: readonly PendingWork[]): Map<string, Readonly<Record<string, unknown>>[]> {
    const byTable = new Map<string, Readonly<Record<string, unknown>>[]>();
    for (const { work, cause } of batch) {
      const adapter = this.#adapters.get(work.kind);
      if (adapter === undefined)
        throw new Error(`${this.options.service}: no adapter is registered for works of kind ${work.kind.name}`);
      const { messageId, handler } = cause ?? { messageId: newId(), handler: '' };
      const row = { ...adapter.row(work.input), message_id: messageId, handler };
      const rows = byTable.get(adapter.table);
      if (rows === undefined) byTable.set(adapter.table, [row]);
      else rows.push(row);
    }
    return byTable;
  }
}
