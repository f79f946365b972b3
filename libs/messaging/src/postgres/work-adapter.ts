import type { OutgoingMessage } from '@seam/kernel';
import type { ClientBase } from 'pg';
import { type Rejected, type Work, work, type WorkKind } from '../work.js';
import type { Fragment } from './fragment.js';

export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
}

/** What the works of one kind in one batch came to. */
export interface Plan<R> {
  /** One per input, in their order. An error undoes that input alone: nothing of it may be among the writes. */
  readonly results: readonly (R | Rejected)[];
  readonly writes: readonly Fragment[];
  /** The writes are durable. */
  committed?(): void;
  /** They are not, or it is not known: forget what was assumed. */
  aborted?(): void;
}

export interface BatchContext {
  /** Begins the batch's transaction where none is open yet: for reading under locks. */
  transaction(): Promise<ClientBase>;
  /** The transaction has begun: to be awaited before a statement that writes, which would else commit by itself. */
  readonly begun: Promise<unknown>;
  /** Whether this is not the first try of the batch: what was assumed before may be wrong. */
  readonly retried: boolean;
}

/** How PostgreSQL makes one kind of change for a whole batch: reads, decides, and gives its writes back as data. */
export interface WorkAdapter<I, R> {
  plan(inputs: readonly I[], batch: BatchContext): Promise<Plan<R>>;
}

type Change<T> = (db: Queryable) => Promise<{ value: T; messages: OutgoingMessage[] }>;

export const TransactionKind: WorkKind<Change<unknown>, { value: unknown; messages: OutgoingMessage[] }> = {
  name: 'transaction',
};

/**
 * A change made by statements of its own inside the batch's transaction: for what is rare or reads first. An error it
 * throws undoes it alone. It may run more than once, so it has no effect outside `db`.
 */
export const transactionWork = <T>(change: Change<T>): Work<T> =>
  work(TransactionKind, change as Change<unknown>, (result) => ({
    value: result.value as T,
    messages: result.messages,
  }));

/** Runs such changes one after the other; the first error fails the batch, whose works are then tried alone. */
export const transactionAdapter: WorkAdapter<Change<unknown>, { value: unknown; messages: OutgoingMessage[] }> = {
  async plan(changes, batch) {
    const client = await batch.transaction();
    await batch.begun;
    const results = [];
    for (const change of changes) results.push(await change(client));
    return { results, writes: [] };
  },
};
