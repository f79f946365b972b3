/** How long the rate is measured before it is updated, ms. */
const WINDOW_MS = 250;

/**
 * Estimates how long a new entry of a queue will wait in it: the queue's length divided by the rate at which it is
 * emptied (Little's law). The rate is measured only while entries wait, because only then the queue is emptied at its
 * full rate. The length is known at once; the age of entries that leave the queue would show a backlog only after they
 * have waited in it.
 */
export class QueueWait {
  #perMs: number | undefined;
  #taken = 0;
  /** Undefined while nothing waits. */
  #since: number | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Must be called when `count` entries have left the queue, with the number that still wait. */
  took(count: number, waiting: number): void {
    if (this.#since === undefined) {
      if (waiting > 0) this.#since = this.now();
      return;
    }
    this.#taken += count;
    this.#measure();
    if (waiting > 0) return;
    this.#since = undefined;
    this.#taken = 0;
  }

  /** 0 until the rate has been measured; infinite while nothing leaves. */
  waitMs(waiting: number): number {
    if (waiting <= 0) return 0;
    this.#since ??= this.now();
    this.#measure();
    return this.#perMs === undefined ? 0 : waiting / this.#perMs;
  }

  /** The rate is the mean of this window and the previous rate, so earlier windows count half as much after each. */
  #measure(): void {
    const now = this.now();
    const elapsed = now - (this.#since ?? now);
    if (elapsed < WINDOW_MS) return;
    const rate = this.#taken / elapsed;
    this.#perMs = this.#perMs === undefined ? rate : (this.#perMs + rate) / 2;
    this.#since = now;
    this.#taken = 0;
  }
}
