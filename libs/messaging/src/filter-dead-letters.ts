import { type DeadLetter, type DeadLetterFilter, type DeadLetterGroup, GROUPS_LIMIT } from './dead-letters.js';

/** Whether a letter matches a filter, for stores that cannot search. */
export const meets = (letter: DeadLetter, filter: DeadLetterFilter = {}): boolean =>
  (filter.type === undefined || letter.type === filter.type) &&
  (filter.handler === undefined || letter.handler === filter.handler) &&
  (filter.failure === undefined || letter.failure === filter.failure) &&
  (filter.reason === undefined || letter.reason.includes(filter.reason)) &&
  (filter.from === undefined || letter.diedAt >= filter.from) &&
  (filter.to === undefined || letter.diedAt < filter.to);

/** The groups of letters, for stores that cannot group. */
export function groupsOf(letters: readonly DeadLetter[]): DeadLetterGroup[] {
  const groups = new Map<string, DeadLetterGroup>();
  for (const { type, handler, failure, diedAt } of letters) {
    const key = JSON.stringify([type, handler, failure]);
    const { count = 0, oldest = diedAt, newest = diedAt } = groups.get(key) ?? {};
    groups.set(key, {
      ...{ type, handler, failure, count: count + 1 },
      oldest: diedAt < oldest ? diedAt : oldest,
      newest: diedAt > newest ? diedAt : newest,
    });
  }
  const all = [...groups.values()].sort((a, b) => b.count - a.count || b.newest.getTime() - a.newest.getTime());
  return all.slice(0, GROUPS_LIMIT);
}
