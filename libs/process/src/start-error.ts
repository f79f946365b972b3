/** Why a process cannot start, for the person who starts it: shown without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Whether an error's message says by itself what is wrong and what to do. */
export function isSelfExplaining(error: unknown): error is Error {
  if (error instanceof StartError) return true;
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^(PERSISTENCE|MESSAGING|DISCOVERY)\./.test(code);
}
