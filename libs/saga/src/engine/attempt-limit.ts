import type { SagaStep } from '../definition.js';

/**
 * Time limit of an attempt, ms: that of the first one, longer by the backoff's factor for each further one, up to the longest.
 * Further attempts vary by the jitter's share, which follows from saga, step and attempt: deciding again gives the same.
 */
export function attemptLimitMs({ name, attemptTimeoutMs, retry }: SagaStep, saga: string, attempt: number): number {
  if (attempt <= 1) return attemptTimeoutMs;
  const limit = Math.min(
    attemptTimeoutMs * retry.backoff ** (attempt - 1),
    Math.max(retry.longestMs, attemptTimeoutMs),
  );
  return Math.round(limit * (1 + retry.jitter * (2 * fractionOf(`${saga}/${name}/${attempt}`) - 1)));
}

/** FNV-1a (32 bits) of a text, as a number from 0 to below 1. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
