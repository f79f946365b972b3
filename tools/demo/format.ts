import type { Order } from './api-types.js';

export const outcomeOf = ({ status, cancellation }: Order): string =>
  cancellation === undefined ? status : `${status} ${cancellation.code}`;

export const secondsOf = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** `3 confirmed, 1 cancelled`: the most frequent first. */
export function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}
