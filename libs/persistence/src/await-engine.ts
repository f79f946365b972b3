import { type Backoff, backoffMs, pause } from '@seam/kernel';

/** Why a store named in the settings cannot be used; stable, for logs and tests. */
export type EngineFailure = 'PERSISTENCE.ENGINE_AWAY' | 'PERSISTENCE.ENGINE_REFUSED';

/** A store named in the settings cannot be used. The message names the setting and says what to do, never a password. */
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
  /** As an operator calls it, such as `Redis`. */
  readonly engine: string;
  /** The setting that names it, such as `REDIS_URL`. */
  readonly setting: string;
  /** Its value. Only host and port of it are ever told. */
  readonly url: string;
  /** How long to wait where it does not answer, ms. */
  readonly waitMs: number;
  readonly log: (line: string) => void;
  /** Connects, and checks what is needed of it. */
  connect(): Promise<T>;
  /** What to do about an error that no waiting mends, such as a wrong password; undefined where waiting may. */
  fatalReason(error: unknown): string | undefined;
}

const BACKOFF: Backoff = { firstMs: 100, longestMs: 2_000 };
const TELL_EVERY_MS = 10_000;

/**
 * Connects to an engine; one that is away is waited for, with a line in the log. Rejects with an
 * {@link EngineUnavailableError}: at once where waiting is no use, else when the time is over.
 */
export async function awaitEngine<T>(attempt: EngineAttempt<T>): Promise<T> {
  const { engine, setting, waitMs } = attempt;
  const at = placeOf(attempt.url);
  const begun = performance.now();
  let told = -Infinity;
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt.connect();
    } catch (error) {
      const advice = attempt.fatalReason(error);
      if (advice !== undefined)
        throw new EngineUnavailableError('PERSISTENCE.ENGINE_REFUSED', `${setting}: ${engine} at ${at}: ${advice}`, {
          cause: error,
        });
      const waitedMs = performance.now() - begun;
      if (waitedMs >= waitMs) throw away(attempt, at, error);
      if (waitedMs - told >= TELL_EVERY_MS) {
        attempt.log(`waiting for ${engine} at ${at} (${reasonOf(error)}), for at most ${seconds(waitMs - waitedMs)} s`);
        told = waitedMs;
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

/** Host and port of a URL, of several hosts all: what comes before an @ is left out, whatever the URL looks like. */
export const placeOf = (url: string): string => /^[^:]+:\/\/(?:[^/]*@)?([^/?#]*)/.exec(url)?.[1] ?? 'an invalid URL';

/** In a few words, without the URL that some clients quote in their errors. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\w+:\/\/\S+/g, '…').slice(0, 200);
}
