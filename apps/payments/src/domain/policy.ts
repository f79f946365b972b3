import { type Backoff, backoffMs } from '@seam/kernel';

/** A charge is tried this often before it fails, each time after the provider has answered that there is none. */
export const CHARGE_ATTEMPTS = 6;

const POLLS: Backoff = { firstMs: 50, longestMs: 30_000, jitter: 0 };

/**
 * How long after giving up a charge the provider is asked once more: a request may still have been on its way there when
 * it had no charge.
 */
const LATE_CHECK_MS = 10_000;

/** Milliseconds until the provider is asked again; six polls fit in 3.2 s. */
export const pollDelayMs = (tries: number): number => backoffMs(POLLS, tries + 1);

export const lateCheckDelayMs = (tries: number): number => Math.max(LATE_CHECK_MS, pollDelayMs(tries));
