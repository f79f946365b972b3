import { identity, type Ticket } from './ticket.js';

/** How long a patient work waits for others at the most, ms. */
export const PATIENCE_MS = 100;

/**
 * The works that wait for a commit, in order of arrival. One in a hurry is ready at once; patient ones gather meanwhile,
 * so that they do not make its commit longer, and are ready when the first has waited long enough, or a batch is full.
 */
export class WorkQueue {
  #waiting: Ticket[] = [];
  #hurried = 0;
  /** When the first patient work has waited long enough. */
  #dueAt = Infinity;

  /** @param limit the most works of a batch */
  constructor(private readonly limit: number) {}

  get size(): number {
    return this.#waiting.length;
  }

  get ready(): boolean {
    return this.#hurried > 0 || this.#allReady;
  }

  /** Infinite where nothing waits patiently. */
  get msUntilReady(): number {
    return Math.max(0, this.#dueAt - performance.now());
  }

  get #allReady(): boolean {
    return this.msUntilReady === 0 || this.size >= this.limit;
  }

  add(ticket: Ticket): void {
    this.#waiting.push(ticket);
    if (ticket.work.patient === true) this.#dueAt = Math.min(this.#dueAt, performance.now() + PATIENCE_MS);
    else this.#hurried += 1;
  }

  /** Makes what waits ready. */
  hurry(): void {
    if (this.size > 0) this.#dueAt = 0;
  }

  /** The next batch: no message twice in it, as the second one is to find the first one's mark. */
  take(): Ticket[] {
    const all = this.#allReady;
    const identities = new Set<string>();
    const batch: Ticket[] = [];
    const later: Ticket[] = [];
    for (const ticket of this.#waiting) {
      const id = ticket.cause === undefined ? undefined : identity(ticket.cause);
      const wanted = all || ticket.work.patient !== true;
      if (!wanted || batch.length >= this.limit || (id !== undefined && identities.has(id))) later.push(ticket);
      else batch.push(ticket);
      if (id !== undefined) identities.add(id);
    }
    this.#waiting = later;
    const patient = later.filter(({ work }) => work.patient === true).length;
    this.#hurried = later.length - patient;
    if (patient === 0) this.#dueAt = Infinity;
    return batch;
  }
}
