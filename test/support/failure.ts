/** An error with its causes in a line: `fetch failed` says nothing without them. */
export function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const own = code === undefined || error.message.includes(code) ? error.message : `${error.message} (${code})`;
  return error.cause === undefined ? own : `${own}: ${failureOf(error.cause)}`;
}
