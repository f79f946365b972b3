import { type Backoff, backoffMs } from '@seam/kernel';

interface Paused {
  /** At what it failed: failing at something else, it begins anew. */
  readonly at: string;
  readonly since: number;
  readonly tries: number;
  readonly until: number;
}

/** Tries of what fails, ever more seldom: after pauses that double, from the first to the longest. In memory only. */
export class Pauses {
  readonly #paused = new Map<string, Paused>();

  readonly #backoff: Backoff;

  constructor(
    firstMs: number,
    private readonly longestMs: number,
  ) {
    // No jitter: whoever asks which ones wait looks at times of its own.
    this.#backoff = { firstMs, longestMs, jitter: 0 };
  }

  /** Pauses one that has failed; gives back for how long it has been failing so, ms. */
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

  /** Those that are not to be tried yet. What nobody has failed at for long after its pause has gone on by itself. */
  waiting(now: number): string[] {
    for (const [key, { until }] of this.#paused) if (until + 2 * this.longestMs < now) this.#paused.delete(key);
    return [...this.#paused].filter(([, { until }]) => until > now).map(([key]) => key);
  }
}
