import { setTimeout as wait } from 'node:timers/promises';

/** Doubles from 200 ms to at most 5 s; a random half of it is left out, so that not all who lost a server ask at once. */
export const backoffMs = (failures: number, random: () => number = Math.random): number =>
  Math.min(5_000, 200 * 2 ** Math.max(0, failures - 1)) * (1 - random() / 2);

/** Resolves after a time, or as soon as the signal aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal, ref: false }).catch(() => undefined);
