import { type Backoff, backoffMs, pause } from '@seam/kernel';

/** Why an engine named in the settings cannot be used. Stable, for logs and tests. */
export type EngineFailure = 'PERSISTENCE.ENGINE_AWAY' | 'PERSISTENCE.ENGINE_REFUSED';

/**
 * An engine named in the settings cannot be used. The message names the setting and says what to do; it never contains
 * a password.
 */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';

  constructor(
    readonly code: EngineFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface EngineAttempt<T> {
  /** The engine's name as operators know it, such as `Redis`. */
  readonly engine: string;
  /** The setting that configures it, such as `REDIS_URL`. */
  readonly setting: string;
  /** The value of the setting. Only its host and port are ever logged or put into messages. */
  readonly url: string;
  /** Maximum time to wait for the engine to answer, ms. */
  readonly waitMs: number;
  readonly log: (line: string) => void;
  /** Connects, and checks what the service needs. */
  connect(): Promise<T>;
  /**
   * What to do about an error that waiting does not resolve, such as a wrong password; undefined if waiting may help.
   */
  fatalReason(error: unknown): string | undefined;
}

const BACKOFF: Backoff = { firstMs: 100, longestMs: 2_000 };
const LOG_INTERVAL_MS = 10_000;

/**
 * Connects to an engine. If it is not available, waits for it and logs one line. Rejects with an {@link
 * EngineUnavailableError}: at once if waiting does not help, otherwise when the time is over.
 */
export async function awaitEngine<T>(attempt: EngineAttempt<T>): Promise<T> {
  const { engine, setting, waitMs } = attempt;
  const at = placeOf(attempt.url);
  const startedAt = performance.now();
  let loggedAtMs = -Infinity;
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt.connect();
    } catch (error) {
      const advice = attempt.fatalReason(error);
      if (advice !== undefined)
        throw new EngineUnavailableError('PERSISTENCE.ENGINE_REFUSED', `${setting}: ${engine} at ${at}: ${advice}`, {
          cause: error,
        });
      const waitedMs = performance.now() - startedAt;
      if (waitedMs >= waitMs) throw away(attempt, at, error);
      if (waitedMs - loggedAtMs >= LOG_INTERVAL_MS) {
        attempt.log(`waiting for ${engine} at ${at} (${reasonOf(error)}), for at most ${seconds(waitMs - waitedMs)} s`);
        loggedAtMs = waitedMs;
      }
      await pause(Math.min(backoffMs(BACKOFF, failures), waitMs - waitedMs));
    }
  }
}

const away = ({ engine, setting, waitMs }: EngineAttempt<unknown>, at: string, cause: unknown): Error =>
  new EngineUnavailableError(
    'PERSISTENCE.ENGINE_AWAY',
    `${setting}: ${engine} at ${at} did not answer for ${seconds(waitMs)} s (${reasonOf(cause)}). ` +
      `Start it, correct ${setting}, or wait longer for it with SEAM_WAIT_S.`,
    { cause },
  );

const seconds = (ms: number): string => String(Math.ceil(ms / 1_000));

/**
 * Host and port of a URL, or all of them if it has several hosts. Everything before an @ is removed, whatever the form
 * of the URL.
 */
export const placeOf = (url: string): string => /^[^:]+:\/\/(?:[^/]*@)?([^/?#]*)/.exec(url)?.[1] ?? 'an invalid URL';

/** A short text without the URL, because some clients quote it in their errors. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\w+:\/\/\S+/g, '…').slice(0, 200);
}
