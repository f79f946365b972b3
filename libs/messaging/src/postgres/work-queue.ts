import { identity } from './inbox.js';
import type { Ticket } from './ticket.js';

/** How long a patient work waits for others at the most, ms. */
export const PATIENCE_MS = 50;

/**
 * The works that wait for a commit, in order of arrival. One in a hurry is ready at once, and takes along all that wait;
 * patient ones alone are ready when the first has waited long enough, or a whole batch has gathered.
 */
export class WorkQueue {
  #waiting: Ticket[] = [];
  #hurried = 0;
  #dueAt = Infinity;

  /** @param limit the most works of a batch */
  constructor(private readonly limit: number) {}

  get size(): number {
    return this.#waiting.length;
  }

  get ready(): boolean {
    return this.#hurried > 0 || this.size >= this.limit || this.msUntilReady <= 0;
  }

  /** Infinite where nothing waits. */
  get msUntilReady(): number {
    return this.#dueAt - performance.now();
  }

  add(ticket: Ticket): void {
    this.#waiting.push(ticket);
    if (ticket.work.patient !== true) this.#hurried += 1;
    this.#dueAt = Math.min(this.#dueAt, performance.now() + PATIENCE_MS);
  }

  /** Makes what waits ready. */
  hurry(): void {
    if (this.size > 0) this.#dueAt = 0;
  }

  /** The next batch: no message twice in it, as the second one is to find the first one's mark. */
  take(): Ticket[] {
    const identities = new Set<string>();
    const batch: Ticket[] = [];
    const later: Ticket[] = [];
    for (const ticket of this.#waiting) {
      const id = ticket.cause === undefined ? undefined : identity(ticket.cause);
      if (batch.length >= this.limit || (id !== undefined && identities.has(id))) later.push(ticket);
      else batch.push(ticket);
      if (id !== undefined) identities.add(id);
    }
    this.#waiting = later;
    this.#hurried = later.filter(({ work }) => work.patient !== true).length;
    this.#dueAt = later.length === 0 ? Infinity : this.#dueAt;
    return batch;
  }
}
