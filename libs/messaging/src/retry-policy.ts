import { backoffMs } from '@seam/kernel';

/** How often a failing message is tried before it is given up on, and how long between tries. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** How long a message is left to other processes whose handler fails for what they may know; see {@link KnownElsewhere}. */
  readonly elsewhereMs?: number;
}

/** About 20 s of patience: a restart of a database is sat out, a poison message does not linger. */
export const defaultRetries: RetryPolicy = { attempts: 10, firstDelayMs: 50, longestDelayMs: 5_000 };

/**
 * Milliseconds to wait after this failed attempt (1 = the first): three quarters of the delay are left to chance.
 * With all of it left to chance a tenth of all retries would be immediate.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: () => number = Math.random): number {
  const { firstDelayMs: firstMs, longestDelayMs: longestMs } = policy;
  return Math.round(backoffMs({ firstMs, longestMs, jitter: 0.75 }, attempt, random));
}

/**
 * How many attempts fill this time, about, and no fewer than the policy has: what a message carries from process to
 * process is its attempts, and no clock.
 */
export function attemptsWithin(policy: RetryPolicy, ms: number): number {
  let attempts = 1;
  for (let passed = 0; passed < ms; attempts += 1) passed += retryDelayMs(policy, attempts, () => 0.5);
  return Math.max(policy.attempts, attempts);
}

/**
 * Marks an error that says what this process does not know and one of another version may: an event of a new type, a
 * saga of a new version, while a roll-out is under way.
 */
export interface KnownElsewhere {
  readonly knownElsewhere: true;
}

export const isKnownElsewhere = (error: unknown): boolean =>
  error instanceof Error && 'knownElsewhere' in error && error.knownElsewhere === true;

/** An error that no retry can mend: the message is dead-lettered at once. */
export class PermanentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PermanentError';
  }
}
