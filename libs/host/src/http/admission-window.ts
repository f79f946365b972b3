/** This number of works is always admitted, however slow the process is. */
export const ALWAYS_ADMITTED = 128;
/** A long wait that ends within this number of adjustments was caused by a burst. */
const LATE_BEFORE_LIMIT = 2;
/** After this number of adjustments without a refusal the limit is removed. */
const QUIET_BEFORE_RELEASE = 10;
const GROWTH = 1.05;
/** The smallest factor by which one adjustment lowers the limit. */
const KEPT = 0.5;
/**
 * If the wait is this many times the target, nothing is admitted: the queue is in a place whose length this process
 * does not know.
 */
const FAR_TOO_LONG = 2;

/**
 * The limit of pending work that keeps the waiting time near a target: the waiting time is proportional to the length
 * of the queue (Little's law), so the limit falls by the factor by which the wait is too long, and grows by a small one
 * while the wait is short and work is refused. There is no limit until the wait has been too long for a while, however
 * much is pending: work may be waiting for something else.
 */
export class AdmissionWindow {
  #limit = Infinity;
  #waitMs = 0;
  #lateFor = 0;
  #quietFor = 0;
  #hasRefused = false;

  /** @param targetMs the longest wait that is acceptable */
  constructor(private readonly targetMs: number) {}

  /** Number of pending works with which no further one is admitted. */
  get limit(): number {
    const isFarTooLong = this.#lateFor >= LATE_BEFORE_LIMIT && this.#waitMs > FAR_TOO_LONG * this.targetMs;
    return isFarTooLong ? 0 : this.#limit;
  }

  admits(pending: number): boolean {
    if (pending < this.limit) return true;
    this.#hasRefused = true;
    return false;
  }

  /** Must be called at regular intervals. */
  adjust(waitMs: number, pending: number): void {
    this.#waitMs = waitMs;
    this.#lateFor = waitMs > this.targetMs ? this.#lateFor + 1 : 0;
    this.#quietFor = this.#hasRefused || this.#lateFor > 0 ? 0 : this.#quietFor + 1;
    if (this.#lateFor > 0) this.#shrink(pending);
    else if (this.#hasRefused) this.#limit *= GROWTH;
    else if (this.#quietFor >= QUIET_BEFORE_RELEASE) this.#limit = Infinity;
    this.#hasRefused = false;
  }

  #shrink(pending: number): void {
    if (this.#limit === Infinity && this.#lateFor < LATE_BEFORE_LIMIT) return;
    const kept = Math.max(KEPT, this.targetMs / this.#waitMs);
    this.#limit = Math.max(ALWAYS_ADMITTED, Math.min(this.#limit, pending) * kept);
  }
}
