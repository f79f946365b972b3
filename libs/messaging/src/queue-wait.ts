/** How long the rate is measured before it is taken over, ms. */
const WINDOW_MS = 250;

/**
 * Says how long what comes to a queue now will wait in it: its length divided by the rate at which it is emptied (Little's
 * law). The rate is measured only while something waits, since only then is it as high as it can be. A length is known at
 * once, where the age of what leaves would tell of the queue only one whole wait later.
 */
export class QueueWait {
  #perMs: number | undefined;
  #taken = 0;
  /** Undefined while nothing waits. */
  #since: number | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** To be called when `count` have left the queue, with how many still wait. */
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

  /** The mean of this window and the earlier ones, which count half as much after each. */
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
