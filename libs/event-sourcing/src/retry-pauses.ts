import { type Backoff, backoffMs } from '@seam/kernel';

interface Paused {
  /** The operation that failed; a failure of another operation starts with the first pause again. */
  readonly at: string;
  readonly since: number;
  readonly tries: number;
  readonly until: number;
}

/** Growing pauses between retries: doubled after each failure, from the first to the longest. In memory only. */
export class Pauses {
  readonly #paused = new Map<string, Paused>();

  readonly #backoff: Backoff;

  constructor(
    firstMs: number,
    private readonly longestMs: number,
  ) {
    // No jitter: different callers poll at different times anyway.
    this.#backoff = { firstMs, longestMs, jitter: 0 };
  }

  /** Pauses one after a failure; returns for how long it has been failing in this way, ms. */
  failed(key: string, now: number, at = ''): number {
    const before = this.#paused.get(key);
    const { since, tries } = before?.at === at ? before : { since: now, tries: 0 };
    const until = now + backoffMs(this.#backoff, tries + 1);
    this.#paused.set(key, { at, since, tries: tries + 1, until });
    return now - since;
  }

  forget(key: string): void {
    this.#paused.delete(key);
  }

  /**
   * Those that must not be retried yet. One that has not failed for a long time after its pause is forgotten: it has
   * succeeded.
   */
  waiting(now: number): string[] {
    for (const [key, { until }] of this.#paused) if (until + 2 * this.longestMs < now) this.#paused.delete(key);
    return [...this.#paused].filter(([, { until }]) => until > now).map(([key]) => key);
  }
}
