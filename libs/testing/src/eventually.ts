import { type Backoff, backoffMs, pause } from '@seam/kernel';

export interface EventuallyOptions {
  /** Maximum time, ms. */
  readonly withinMs?: number;
}

/** The maximum share of the time that the probes use: the awaited work needs the machine, too. */
const SHARE = 0.2;
const MAX_PAUSE_MS = 2_000;
const BACKOFF: Backoff = { firstMs: 1, longestMs: 50 };

/**
 * Repeats the probe until it no longer throws, and resolves with its result: an assertion in it that will
 * hold soon is waited for, without a sleep that is too short on one machine and too long on another. Rejects with the
 * probe's last error. The probe must have no side effects.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { withinMs = 10_000 }: EventuallyOptions = {},
): Promise<T> {
  const end = performance.now() + withinMs;
  for (let failures = 1; ; failures += 1) {
    const startedAt = performance.now();
    try {
      return await probe();
    } catch (error) {
      if (performance.now() >= end) throw error;
    }
    const restMs = (performance.now() - startedAt) * (1 / SHARE - 1);
    await pause(Math.max(backoffMs(BACKOFF, failures), Math.min(MAX_PAUSE_MS, restMs)));
  }
}
