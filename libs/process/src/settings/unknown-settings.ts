/** Settings that a test run gives to its own processes. */
const OF_TESTS = /^SEAM_TEST_/;

/** The `SEAM_*` names of an environment that nothing reads, each with the setting whose name is most similar. */
export function unknownSettings(environment: Readonly<Record<string, unknown>>, known: readonly string[]): string[] {
  const names = new Set(known.flatMap((name) => [name, `${name}_FILE`]));
  return Object.keys(environment)
    .filter((name) => /^seam_/i.test(name) && !names.has(name) && !OF_TESTS.test(name))
    .sort()
    .map((name) => {
      const meant = mostSimilar(name, [...names]);
      return `${name} is not a setting${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    });
}

/** The nearest name, unless it differs too much. The prefix `SEAM_` is ignored. */
function mostSimilar(name: string, known: readonly string[]): string | undefined {
  const bare = (text: string): string => text.toUpperCase().replace(/^SEAM_/, '');
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: distanceOf(bare(name), bare(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  if (nearest === undefined || nearest.distance > Math.max(1, bare(name).length / 3)) return undefined;
  return nearest.candidate;
}

/** How many letters must be inserted, deleted or replaced to convert one into the other (Levenshtein distance). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
