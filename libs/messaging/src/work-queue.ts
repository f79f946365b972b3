import { identity, type PendingWork } from './pending-work.js';

/** Maximum time that a work of low priority waits for others, ms. */
export const LOW_PRIORITY_WAIT_MS = 100;

/**
 * The works that wait for a commit, in order of arrival. A work of normal priority is ready at once. Works of low
 * priority accumulate, so that they do not make its commit longer; they are ready when the first of them has waited
 * long enough, or when a batch is full.
 */
export class WorkQueue {
  #waiting: PendingWork[] = [];
  #normalPriority = 0;
  /** When the first work of low priority has waited long enough. */
  #dueAt = Infinity;

  /** @param limit maximum number of works in a batch */
  constructor(private readonly limit: number) {}

  get size(): number {
    return this.#waiting.length;
  }

  /** Number of waiting works that do not fit into the next batch. */
  get excess(): number {
    return Math.max(0, this.#waiting.length - this.limit);
  }

  get ready(): boolean {
    return this.#normalPriority > 0 || this.#allReady;
  }

  /** Infinity if no work of low priority waits. */
  get msUntilReady(): number {
    return Math.max(0, this.#dueAt - performance.now());
  }

  get #allReady(): boolean {
    return this.msUntilReady === 0 || this.size >= this.limit;
  }

  add(pendingWork: PendingWork): void {
    this.#waiting.push(pendingWork);
    if (pendingWork.work.lowPriority === true)
      this.#dueAt = Math.min(this.#dueAt, performance.now() + LOW_PRIORITY_WAIT_MS);
    else this.#normalPriority += 1;
  }

  /** Makes all waiting works ready. */
  makeAllReady(): void {
    if (this.size > 0) this.#dueAt = 0;
  }

  /** The next batch. It has no message twice, so that the second one finds the mark of the first. */
  take(): PendingWork[] {
    const all = this.#allReady;
    const identities = new Set<string>();
    const batch: PendingWork[] = [];
    const later: PendingWork[] = [];
    for (const pendingWork of this.#waiting) {
      const id = pendingWork.cause === undefined ? undefined : identity(pendingWork.cause);
      const wanted = all || pendingWork.work.lowPriority !== true;
      if (!wanted || batch.length >= this.limit || (id !== undefined && identities.has(id))) later.push(pendingWork);
      else batch.push(pendingWork);
      if (id !== undefined) identities.add(id);
    }
    this.#waiting = later;
    const lowPriority = later.filter(({ work }) => work.lowPriority === true).length;
    this.#normalPriority = later.length - lowPriority;
    if (lowPriority === 0) this.#dueAt = Infinity;
    return batch;
  }
}
