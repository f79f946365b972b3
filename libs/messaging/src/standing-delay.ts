/**
 * If even the shortest delay within this time is long, the queue has a standing backlog; otherwise it only had a burst.
 */
const INTERVAL_MS = 500;
/** With fewer messages in an interval, no delay is reported. */
const LEAST = 20;

/**
 * The delay of a queue outside this process, measured by the delays of the messages that arrive from it: the shortest
 * of an interval, as in CoDel (RFC 8289), so that a single late message, or one that was delayed on purpose, does not
 * count.
 */
export class StandingDelay {
  #startedAt = -Infinity;
  #shortest = Infinity;
  #count = 0;
  #last = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @param count how many messages have arrived with this delay */
  observe(ms: number, count = 1): void {
    this.#advanceInterval();
    this.#count += count;
    this.#shortest = Math.min(this.#shortest, Math.max(0, ms));
  }

  /** The shortest delay of the last complete interval, ms; 0 if too few messages arrived in it. */
  get ms(): number {
    this.#advanceInterval();
    return this.#last;
  }

  #advanceInterval(): void {
    const now = this.now();
    const elapsed = now - this.#startedAt;
    if (elapsed < INTERVAL_MS) return;
    this.#last = elapsed < 2 * INTERVAL_MS && this.#count >= LEAST ? this.#shortest : 0;
    this.#shortest = Infinity;
    this.#count = 0;
    this.#startedAt = now;
  }
}
