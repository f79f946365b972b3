/** How often a failing message is tried before it is given up on, and how long between tries. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

/** About 20 s of patience: a restart of a database is sat out, a poison message does not linger. */
export const defaultRetries: RetryPolicy = { attempts: 10, firstDelayMs: 50, longestDelayMs: 5_000 };

/**
 * Milliseconds to wait after this failed attempt (1 = the first): exponential with full jitter, so that those who
 * failed together do not come back together (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 * Never under a quarter of the ceiling, or a tenth of all retries would be immediate.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  return Math.round(ceiling * (0.25 + 0.75 * random()));
}

/** An error that no retry can mend: the message is dead-lettered at once. */
export class PermanentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PermanentError';
  }
}
