export interface EventuallyOptions {
  /** How long to go on looking, ms. */
  readonly withinMs?: number;
}

/**
 * Looks again and again until the probe no longer throws, and resolves with what it gives: an assertion in it that will
 * hold soon is waited for, without a sleep that is too short on one machine and too long on another. Rejects with the
 * probe's last error. The probe has no effects of its own.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { withinMs = 10_000 }: EventuallyOptions = {},
): Promise<T> {
  const end = performance.now() + withinMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(50, pauseMs * 2)) {
    try {
      return await probe();
    } catch (error) {
      if (performance.now() >= end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
