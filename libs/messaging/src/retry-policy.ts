import { backoffMs } from '@seam/kernel';

/** How many attempts a message gets, and the delays between them. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** How long a message is left to other processes if this one does not know what they may know; see {@link KnownElsewhere}. */
  readonly elsewhereMs?: number;
}

/** About 20 s in total: longer than a restart of a database, but short enough for a message that always fails. */
export const defaultRetries: RetryPolicy = { attempts: 10, firstDelayMs: 50, longestDelayMs: 5_000 };

/**
 * Milliseconds to wait after this failed attempt (1 = the first): three quarters of the delay are random. If all of it were
 * random, a tenth of all retries would be almost immediate.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: () => number = Math.random): number {
  const { firstDelayMs: firstMs, longestDelayMs: longestMs } = policy;
  return Math.round(backoffMs({ firstMs, longestMs, jitter: 0.75 }, attempt, random));
}

/**
 * How many attempts take about this time, at least as many as the policy has: a message carries only its number of attempts
 * from process to process, not its age.
 */
export function attemptsWithin(policy: RetryPolicy, ms: number): number {
  let attempts = 1;
  for (let passed = 0; passed < ms; attempts += 1) passed += retryDelayMs(policy, attempts, () => 0.5);
  return Math.max(policy.attempts, attempts);
}

/**
 * Marks an error about something that this process does not know, but a process of another version may know: for example, a
 * new type of event or a new version of a saga during a roll-out.
 */
export interface KnownElsewhere {
  readonly knownElsewhere: true;
}

export const isKnownElsewhere = (error: unknown): boolean =>
  error instanceof Error && 'knownElsewhere' in error && error.knownElsewhere === true;

/** An error that no retry can resolve: the message becomes a dead letter at once. */
export class PermanentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PermanentError';
  }
}
