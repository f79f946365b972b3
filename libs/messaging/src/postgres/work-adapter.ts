import type { OutgoingMessage } from '@seam/kernel';
import { driverErrorOf } from '@seam/persistence/postgres';
import type { ClientBase } from 'pg';
import type { EntityManager } from 'typeorm';
import type { Origin } from '../origin.js';
import { type Rejected, type Work, work, type WorkKind } from '../work.js';
import type { Fragment } from './fragment.js';

export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
}

/** The result of the works of one kind in one batch. */
export interface Plan<R> {
  /** One per input, in their order. An error fails that input alone: the writes must not contain anything of it. */
  readonly results: readonly (R | Rejected)[];
  readonly writes: readonly Fragment[];
  /** The writes are durable. */
  committed?(): void;
  /** They are not durable, or that is unknown: discard what was assumed. */
  aborted?(): void;
}

export interface BatchContext {
  /** Opens the batch's transaction if none is open yet: to read under locks. */
  transaction(): Promise<ClientBase>;
  /**
   * The entity manager of the batch's transaction, which TypeORM must then open: call this before {@link transaction}.
   */
  entities(): Promise<EntityManager>;
  /** Resolves once the transaction is open: await it before a statement that writes, which would otherwise commit by itself. */
  readonly started: Promise<unknown>;
  /** Whether the batch is being retried: earlier assumptions may be wrong. */
  readonly retried: boolean;
}

/** Makes one kind of change on PostgreSQL for a whole batch: reads, decides, and returns its writes as data. */
export interface WorkAdapter<I, R> {
  /** @param origins of the inputs, in their order */
  plan(inputs: readonly I[], batch: BatchContext, origins: readonly Origin[]): Promise<Plan<R>>;
}

type Change<T> = (entities: EntityManager) => Promise<{ value: T; messages: OutgoingMessage[] }>;

export const TransactionKind: WorkKind<Change<unknown>, { value: unknown; messages: OutgoingMessage[] }> = {
  name: 'transaction',
};

/**
 * A change of plain records, with TypeORM's repositories inside the batch's transaction: for changes that are rare or
 * have to read first. If it throws, only this change fails. It may run more than once, so it must have no effect
 * outside of `entities`, and must not use `entities` after it has ended.
 */
export const transactionWork = <T>(change: Change<T>): Work<T> =>
  work(TransactionKind, change as Change<unknown>, (result) => ({
    value: result.value as T,
    messages: result.messages,
  }));

/** Runs such changes one after the other; the first error fails the batch, whose works are then tried alone. */
export const transactionAdapter: WorkAdapter<Change<unknown>, { value: unknown; messages: OutgoingMessage[] }> = {
  async plan(changes, batch) {
    const entities = await batch.entities();
    await batch.started;
    const results = [];
    try {
      for (const change of changes) results.push(await change(entities));
    } catch (error) {
      // The committer needs the server's own error to distinguish conflicts from outages.
      throw driverErrorOf(error);
    }
    return { results, writes: [] };
  },
};
