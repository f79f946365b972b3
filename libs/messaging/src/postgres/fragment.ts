/**
 * One data-modifying statement of a commit, to be combined with the others of its batch into a single statement: so a batch
 * costs one round trip, and needs no BEGIN and COMMIT if nothing has to be read under a lock.
 * Fragments of one commit see the same snapshot, not each other's writes.
 */
export interface Fragment {
  /** Always the same text, so that the combination can be prepared; `parameter` is the placeholder of its only parameter. */
  readonly sql: (parameter: string) => string;
  /** Rows as plain objects: sent as one JSON array, read by `json_to_recordset`. */
  readonly rows: readonly object[];
  /** It looks rows up by key: to update them, or to read what it depends on. */
  readonly looksUp?: boolean;
}

export interface Statement {
  /** Name of the prepared statement: the same for the same combination of fragments. */
  readonly name: string;
  readonly text: string;
  readonly values: string[];
  /** Whether one of its fragments looks rows up. */
  readonly looksUp: boolean;
}

const names = new Map<string, string>();

/** Combines fragments into one statement, without those that have no rows; `undefined` if none is left. */
export function combine(fragments: readonly Fragment[]): Statement | undefined {
  const used = fragments.filter((fragment) => fragment.rows.length > 0);
  if (used.length === 0) return undefined;
  const parts = used.map((fragment, index) => `w${index} as (${fragment.sql(`$${index + 1}::json`)})`);
  const text = `with ${parts.join(', ')} select 1`;
  let name = names.get(text);
  if (name === undefined) names.set(text, (name = `seam_commit_${names.size + 1}`));
  const values = used.map((fragment) => JSON.stringify(fragment.rows));
  return { name, text, values, looksUp: used.some(({ looksUp }) => looksUp === true) };
}
