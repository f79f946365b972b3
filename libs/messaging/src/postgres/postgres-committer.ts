import { Logger } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import type { Pool } from 'pg';
import { type AfterCommit, type Cause, type CommitOptions, Committer } from '../committer.js';
import type { Work, WorkKind } from '../work.js';
import { commitBatch, type CommittedBatch } from './batch.js';
import { isConflict, isDefinite, isDuplicateMark } from './errors.js';
import { identity, Inbox } from './inbox.js';
import { type Answer, type Ticket, ticket } from './ticket.js';
import { WorkQueue } from './work-queue.js';
import { Rejected, transactionAdapter, TransactionKind, type WorkAdapter } from './work-adapter.js';

export interface PostgresCommitterOptions {
  readonly service: string;
  readonly pool: Pool;
  readonly relay: AfterCommit;
  /** The most works in one commit. */
  readonly batchLimit?: number;
}

const CONFLICT_ATTEMPTS = 8;

/**
 * Group commit on PostgreSQL: while one batch commits, the works that arrive wait, and share the next commit. One batch
 * at a time per process: under low load a batch is one work, and it waits for nobody unless it says that it is patient.
 */
export class PostgresCommitter extends Committer {
  readonly #adapters = new Map<WorkKind, WorkAdapter<unknown, unknown>>();
  readonly #inbox: Inbox;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(private readonly options: PostgresCommitterOptions) {
    super();
    this.#inbox = new Inbox(options.pool);
    this.#log = new Logger(`Committer ${options.service}`);
    this.#queue = new WorkQueue(options.batchLimit ?? 256);
    this.register(TransactionKind, transactionAdapter);
  }

  /** Says how works of this kind are made; an adapter does so when it is built. */
  register<I, R>(kind: WorkKind<I, R>, adapter: WorkAdapter<I, R>): void {
    this.#adapters.set(kind, adapter);
  }

  async commit<T>(work: Work<T>, options: CommitOptions = {}): Promise<T> {
    const answer = await this.#submit(work, undefined);
    if (answer.status === 'duplicate') throw new Error('a work without a cause cannot be a duplicate');
    if (options.dispatchedWithinMs !== undefined) await this.#dispatched(answer.ids, options.dispatchedWithinMs);
    return answer.value;
  }

  async handle(work: Work, cause: Cause): Promise<'done' | 'duplicate'> {
    return (await this.#submit(work, cause)).status;
  }

  override async idle(): Promise<void> {
    while (this.#running !== undefined || this.#queue.size > 0) {
      this.#queue.hurry();
      this.#wake();
      await this.#running;
    }
  }

  #submit<T>(work: Work<T>, cause: Cause | undefined): Promise<Answer<T>> {
    return new Promise((resolve, reject) => {
      this.#queue.add(ticket(work, cause, resolve, reject));
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#running !== undefined || this.#queue.size === 0) return;
    if (this.#queue.ready) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      // A turn later, so that the works of one burst find each other.
      this.#running = new Promise((run) => setImmediate(run)).then(() => this.#run());
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#wake();
      }, this.#queue.msUntilReady);
    }
  }

  async #run(): Promise<void> {
    while (this.#queue.ready) await this.#commit(this.#queue.take());
    this.#running = undefined;
    this.#wake();
  }

  async #commit(batch: readonly Ticket[]): Promise<void> {
    let committed: CommittedBatch;
    try {
      committed = await this.#attempt(batch, false);
    } catch (error) {
      if (!isDefinite(error)) this.#rejectAll(batch, unknownOutcome(error));
      else for (const one of await this.#unseen(batch)) await this.#alone(one);
      return;
    }
    await this.#answer(committed);
  }

  #attempt(batch: readonly Ticket[], retried: boolean): Promise<CommittedBatch> {
    return commitBatch(batch, this.#adapters, { ...this.options, retried });
  }

  /** Answers those whose message was handled before, and gives back the others. */
  async #unseen(batch: readonly Ticket[]): Promise<readonly Ticket[]> {
    const causes = batch.flatMap((ticket) => (ticket.cause === undefined ? [] : [ticket.cause]));
    if (causes.length === 0) return batch;
    try {
      const seen = await this.#inbox.seen(causes);
      const isSeen = ({ cause }: Ticket): boolean => cause !== undefined && seen.has(identity(cause));
      for (const ticket of batch.filter(isSeen)) ticket.resolve({ status: 'duplicate' });
      return batch.filter((ticket) => !isSeen(ticket));
    } catch (error) {
      this.#rejectAll(batch, isDefinite(error) ? error : unknownOutcome(error));
      return [];
    }
  }

  /** By itself, deciding anew after each conflict; every other error is its own. */
  async #alone(one: Ticket): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#answer(await this.#attempt([one], true));
        return;
      } catch (error) {
        if (isDuplicateMark(error)) {
          one.resolve({ status: 'duplicate' });
          return;
        }
        if (!isConflict(error) || attempt === CONFLICT_ATTEMPTS) {
          one.reject(isDefinite(error) ? error : unknownOutcome(error));
          return;
        }
      }
    }
  }

  async #answer({ settled, entries }: CommittedBatch): Promise<void> {
    const rejected = new Map<Ticket, unknown>();
    for (const { ticket, outcome } of settled) {
      if (outcome instanceof Rejected) {
        rejected.set(ticket, outcome.error);
        continue;
      }
      ticket.resolve({ status: 'done', value: outcome.value, ids: outcome.posted.map(({ message }) => message.id) });
    }
    try {
      if (entries.length > 0) this.options.relay.handOver(entries);
    } catch (error) {
      // They are in the outbox, and a sweep finds them.
      this.#log.error(`a commit's messages were not handed over: ${String(error)}`);
    }
    // A message that was handled before may well be refused now: it is a duplicate all the same.
    for (const ticket of await this.#unseen([...rejected.keys()])) ticket.reject(rejected.get(ticket));
  }

  #rejectAll(batch: readonly Ticket[], error: unknown): void {
    for (const ticket of batch) ticket.reject(error);
  }

  async #dispatched(ids: readonly string[], withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([this.options.relay.dispatched(ids), late]);
    clearTimeout(timer);
  }
}

/** The connection broke under a commit: it may stand or not. A message finds out by its mark; a caller asks again. */
const unknownOutcome = (error: unknown): CodedError => {
  const unavailable = new CodedError('unavailable', 'STORE.UNAVAILABLE', 'The database did not answer; try again');
  unavailable.cause = error;
  return unavailable;
};
