/** A queue whose shortest delay of this time is long has a standing backlog; one whose delay falls in between takes a burst. */
const INTERVAL_MS = 500;
/** Fewer in an interval are no queue. */
const LEAST = 20;

/**
 * The delay of a queue that lies outside this process, by the delays of what comes from it: the shortest of an interval, as in
 * CoDel (RFC 8289), so that one late message, or one that was meant to come later, does not count.
 */
export class StandingDelay {
  #began = -Infinity;
  #shortest = Infinity;
  #count = 0;
  #last = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @param count how many have come with this delay */
  observe(ms: number, count = 1): void {
    this.#turn();
    this.#count += count;
    this.#shortest = Math.min(this.#shortest, Math.max(0, ms));
  }

  /** Of the last whole interval, ms; 0 if next to nothing came in it. */
  get ms(): number {
    this.#turn();
    return this.#last;
  }

  #turn(): void {
    const now = this.now();
    const elapsed = now - this.#began;
    if (elapsed < INTERVAL_MS) return;
    this.#last = elapsed < 2 * INTERVAL_MS && this.#count >= LEAST ? this.#shortest : 0;
    this.#shortest = Infinity;
    this.#count = 0;
    this.#began = now;
  }
}
