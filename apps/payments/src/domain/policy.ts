import { type Backoff, backoffMs } from '@seam/kernel';

/** A charge is tried this often before it fails, each time after the provider has said that it knows of none. */
export const CHARGE_ATTEMPTS = 6;

const LOOKS: Backoff = { firstMs: 50, longestMs: 30_000, jitter: 0 };

/**
 * How long after giving a charge up the provider is asked once more: a request of ours may still have been on its way
 * there when it knew of no charge.
 */
const LATE_CHECK_MS = 10_000;

/** Milliseconds until the provider is looked at again; six looks fit in 3.2 s. */
export const lookDelayMs = (tries: number): number => backoffMs(LOOKS, tries + 1);

export const lateCheckDelayMs = (tries: number): number => Math.max(LATE_CHECK_MS, lookDelayMs(tries));
