/** How long to wait between the tries of what fails. */
export interface Backoff {
  /** After the first failure, over 0; it doubles with each further one. */
  readonly firstMs: number;
  /** The upper limit of a delay. */
  readonly longestMs: number;
  /**
   * The share of a delay that is left to chance, from 0 to 1, so that those who failed together do not come back
   * together (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). Half of it by default.
   */
  readonly jitter?: number;
}

/** Milliseconds to wait after this failure in a row (1 = the first): chance only shortens a delay, never lengthens it. */
export function backoffMs(
  { firstMs, longestMs, jitter = 0.5 }: Backoff,
  failures: number,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** (Math.max(1, failures) - 1));
  return jitter === 0 ? ceiling : ceiling * (1 - jitter + jitter * random());
}

export interface PauseOptions {
  /** Ends the pause early. */
  readonly signal?: AbortSignal;
  /** False where a pause alone is no reason for the process to go on running. */
  readonly ref?: boolean;
}

/** Resolves after a time, or as soon as the signal aborts; never rejects. */
export function pause(ms: number, { signal, ref = true }: PauseOptions = {}): Promise<void> {
  return new Promise((over) => {
    if (signal?.aborted === true) return over();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      over();
    };
    const timer = setTimeout(end, ms);
    if (!ref) timer.unref();
    signal?.addEventListener('abort', end);
  });
}
