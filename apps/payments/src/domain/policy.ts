/** A charge is tried this often before it fails, each time after the provider has said that it knows of none. */
export const CHARGE_ATTEMPTS = 6;

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 30_000;

/**
 * How long after giving a charge up the provider is asked once more: a request of ours may still have been on its way
 * there when it knew of no charge.
 */
const LATE_CHECK_MS = 10_000;

/** Milliseconds until the provider is looked at again; six looks fit in 3.2 s. */
export const lookDelayMs = (tries: number): number =>
  Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(tries, 20));

export const lateCheckDelayMs = (tries: number): number => Math.max(LATE_CHECK_MS, lookDelayMs(tries));
