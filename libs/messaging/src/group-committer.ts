import { Logger } from '@nestjs/common';
import { type AfterCommit, type Cause, type CommitOptions, Committer } from './committer.js';
import { unknownOutcome } from './errors.js';
import type { OutboxEntry } from './outbox.js';
import { type Answer, identity, type PendingWork, pendingWork } from './pending-work.js';
import { QueueWait } from './queue-wait.js';
import type { Work } from './work.js';
import { WorkQueue } from './work-queue.js';

export interface GroupCommitterOptions {
  readonly service: string;
  readonly relay: AfterCommit;
  /** Maximum number of works in one commit. */
  readonly batchLimit?: number;
}

/**
 * Group commit on any engine: works that arrive while a batch is being written wait, and share the next one. A process writes
 * one batch at a time: under low load a batch is one work, and only a work of low priority waits for others.
 */
export abstract class GroupCommitter extends Committer {
  protected readonly log: Logger;
  readonly #queue: WorkQueue;
  readonly #wait = new QueueWait();
  readonly #relay: AfterCommit;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor({ service, relay, batchLimit = 256 }: GroupCommitterOptions) {
    super();
    this.log = new Logger(`Committer ${service}`);
    this.#relay = relay;
    this.#queue = new WorkQueue(batchLimit);
  }

  /** Writes a batch and settles each of its works separately. The batch has no message twice. */
  protected abstract write(batch: readonly PendingWork[]): Promise<void>;

  /** Those of these identities whose marks are in the store. */
  protected abstract seen(causes: readonly Cause[]): Promise<ReadonlySet<string>>;

  /** Whether an error means that nothing was written, rather than that the store did not answer. */
  protected abstract isDefinite(error: unknown): boolean;

  override async commit<T>(work: Work<T>, options: CommitOptions = {}): Promise<T> {
    const answer = await this.#submit(work, undefined);
    if (answer.status === 'duplicate') throw new Error('a work without a cause cannot be a duplicate');
    if (options.dispatchedWithinMs !== undefined) await this.#waitForDispatch(answer.ids, options.dispatchedWithinMs);
    return answer.value;
  }

  override async handle(work: Work, cause: Cause): Promise<'done' | 'duplicate'> {
    return (await this.#submit(work, cause)).status;
  }

  override async idle(): Promise<void> {
    while (this.#running !== undefined || this.#queue.size > 0) {
      this.#queue.makeAllReady();
      this.#wake();
      await this.#running;
    }
  }

  override get waitMs(): number {
    return this.#wait.waitMs(this.#queue.excess);
  }

  /** Passes a commit's messages to the relay. They are also in the outbox: if this fails, a sweep finds them. */
  protected handOver(entries: readonly OutboxEntry[]): void {
    try {
      if (entries.length > 0) this.#relay.handOver(entries);
    } catch (error) {
      this.log.error(`the messages of a commit were not passed to the relay: ${String(error)}`);
    }
  }

  /** Settles the works whose message was handled before, and returns the others; none if the store does not answer. */
  protected async unseen(batch: readonly PendingWork[]): Promise<readonly PendingWork[]> {
    const causes = batch.flatMap((pendingWork) => (pendingWork.cause === undefined ? [] : [pendingWork.cause]));
    if (causes.length === 0) return batch;
    try {
      const seen = await this.seen(causes);
      const isSeen = ({ cause }: PendingWork): boolean => cause !== undefined && seen.has(identity(cause));
      for (const pendingWork of batch.filter(isSeen)) pendingWork.resolve({ status: 'duplicate' });
      return batch.filter((pendingWork) => !isSeen(pendingWork));
    } catch (error) {
      this.rejectAll(batch, error);
      return [];
    }
  }

  /** The work of a message that was handled before may be refused now; it is still a duplicate. */
  protected async refuse(refused: ReadonlyMap<PendingWork, unknown>): Promise<void> {
    for (const pendingWork of await this.unseen([...refused.keys()])) pendingWork.reject(refused.get(pendingWork));
  }

  protected rejectAll(batch: readonly PendingWork[], error: unknown): void {
    for (const pendingWork of batch) pendingWork.reject(this.explained(error));
  }

  /** The error for callers: `STORE.UNAVAILABLE` if it is unknown what was written. */
  protected explained(error: unknown): unknown {
    return this.isDefinite(error) ? error : unknownOutcome(error);
  }

  #submit<T>(work: Work<T>, cause: Cause | undefined): Promise<Answer<T>> {
    return new Promise((resolve, reject) => {
      this.#queue.add(pendingWork(work, cause, resolve, reject));
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#running !== undefined || this.#queue.size === 0) return;
    if (this.#queue.ready) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      // One turn of the event loop later, so that concurrent works get into the same batch.
      this.#running = new Promise((run) => setImmediate(run)).then(() => this.#run());
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#wake();
      }, this.#queue.msUntilReady);
    }
  }

  async #run(): Promise<void> {
    while (this.#queue.ready) {
      const batch = this.#queue.take();
      this.#wait.took(batch.length, this.#queue.excess);
      // Promises that were settled before the failure keep their results.
      await this.write(batch).catch((error: unknown) => this.rejectAll(batch, error));
    }
    this.#running = undefined;
    this.#wake();
  }

  async #waitForDispatch(ids: readonly string[], withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([this.#relay.whenDispatched(ids), late]);
    clearTimeout(timer);
  }
}
