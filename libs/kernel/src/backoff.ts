/** The delays between retries. */
export interface Backoff {
  /** Delay after the first failure, above 0; doubled after each further one. */
  readonly firstMs: number;
  /** The upper limit of a delay. */
  readonly longestMs: number;
  /**
   * The random share of a delay, from 0 to 1, so that clients that failed at the same time do not retry at the same time
   * (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). Half of it by default.
   */
  readonly jitter?: number;
}

/** Milliseconds to wait after this consecutive failure (1 = the first): jitter only shortens a delay. */
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
  /** False if the pause alone must not keep the process running. */
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
